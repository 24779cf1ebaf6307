package trainer

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// barImage is an 8x8 image of a class of the tiny data set: a light bar on a dark ground.
func barImage(class int, bar, ground uint8) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, 8, 8))
	for y := range 8 {
		for x := range 8 {
			level := ground
			if y/2 == class {
				level = bar
			}
			img.SetGray(x, y, color.Gray{Y: level})
		}
	}
	return img
}

func writeImage(t *testing.T, path string, img image.Image) {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch filepath.Ext(path) {
	case ".png":
		err = png.Encode(&b, img)
	case ".gif":
		err = gif.Encode(&b, img, nil)
	case ".jpg", ".JPEG":
		err = jpeg.Encode(&b, img, &jpeg.Options{Quality: 100})
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

// likeliest is the first class that predict tells of each file.
func likeliest(t *testing.T, r result) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, event := range r.done(t).events(t) {
		if event["event"] == "prediction" {
			first := event["classes"].([]any)[0].(map[string]any)
			found[filepath.Base(event["file"].(string))] = first["name"].(string)
		}
	}
	return found
}

func TestPredict(t *testing.T) {
	dataDir, dir := writeTiny(t), t.TempDir()
	sha(t, "-data-dir", dataDir, "-run-dir", dir, "-epochs", "20")
	weights := runDir(dir).best()
	folder := t.TempDir()
	for i, name := range []string{"0.png", "1.gif", "sub/2.jpg", "sub/deep/3.JPEG"} {
		writeImage(t, filepath.Join(folder, name), barImage(i%tinyClasses, 170, 60))
	}
	if err := os.WriteFile(filepath.Join(folder, "notes.txt"), []byte("no image"), 0o666); err != nil {
		t.Fatal(err)
	}

	r := runTiny("predict", "-weights", weights, "-json", folder)
	want := map[string]string{"0.png": "0", "1.gif": "1", "2.jpg": "2", "3.JPEG": "0"}
	if diff := cmp.Diff(want, likeliest(t, r)); diff != "" {
		t.Errorf("classes of the files of a folder (-want +got):\n%s", diff)
	}
	if summary := r.summary(t); summary["images"] != 4.0 {
		t.Errorf("summary %v, want 4 images", summary)
	}

	inverse := filepath.Join(t.TempDir(), "inverse.png")
	writeImage(t, inverse, barImage(2, 255-170, 255-60))
	r = runTiny("predict", "-weights", weights, "-json", "-invert", inverse)
	if diff := cmp.Diff(map[string]string{"inverse.png": "2"}, likeliest(t, r)); diff != "" {
		t.Errorf("an inverted image (-want +got):\n%s", diff)
	}

	file := filepath.Join(folder, "1.gif")
	text := runTiny("predict", "-weights", weights, "-top", "2", file, file).done(t).out
	lines := strings.Split(text, "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[0], file+": 1 ") || lines[0] != lines[1] ||
		strings.Count(lines[0], "%") != 2 {
		t.Errorf("two classes of each of two files: %q", text)
	}
}

func TestPredictMoreFilesThanABatch(t *testing.T) {
	dataDir, dir := writeTiny(t), t.TempDir()
	sha(t, "-data-dir", dataDir, "-run-dir", dir)
	args := []string{"predict", "-json", "-weights", runDir(dir).best()}
	for i := range 19 {
		path := filepath.Join(t.TempDir(), "image.png")
		writeImage(t, path, barImage(i%4, 200, 20))
		args = append(args, path)
	}
	alone := map[string]any{}
	for _, path := range args[4:] {
		alone[path] = runTiny(append(args[:4:4], path)...).done(t).events(t)[0]["classes"]
	}
	events := runTiny(args...).done(t).events(t)
	if len(events) != 19+1 {
		t.Fatalf("%d lines, want 19 and a summary", len(events))
	}
	for i, event := range events[:19] {
		if event["file"] != args[4+i] {
			t.Errorf("line %d is about %v, want %s", i, event["file"], args[4+i])
		}
		if diff := cmp.Diff(alone[args[4+i]], event["classes"]); diff != "" {
			t.Errorf("file %d depends on its batch (-alone +together):\n%s", i, diff)
		}
	}
}

func TestRankIsSoftmax(t *testing.T) {
	p := predictor{top: 3, names: []string{"cat", "dog"}}
	got := p.rank([]float32{1000, 1000 + float32(math.Log(3)), 1000, -1000})
	want := []ranked{{1, "dog", 0.6}, {0, "cat", 0.2}, {2, "2", 0.2}}
	near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-4 })
	if diff := cmp.Diff(want, got, near); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTextIsSafe has names that forge lines and send codes to the terminal.
func TestTextIsSafe(t *testing.T) {
	line := prediction{File: "a\x1b[2J.png", Classes: []ranked{
		{0, "cat 1%\nb.png: dog", 0.75}, {1, "\u202egod", 0.25}}}
	want := `"a\x1b[2J.png": "cat 1%\nb.png: dog" 75.0%, "\u202egod" 25.0%`
	if got := line.String(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := wrote("a\nb").String(), `wrote "a\nb"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestPredictErrors(t *testing.T) {
	dataDir, dir := writeTiny(t), t.TempDir()
	sha(t, "-data-dir", dataDir, "-run-dir", dir, "-max-steps", "1")
	weights, empty := runDir(dir).best(), t.TempDir()
	text := filepath.Join(t.TempDir(), "text.png")
	if err := os.WriteFile(text, []byte("no image"), 0o666); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		reason string
		args   []string
		says   []string
	}{
		{"no such file", []string{"nothing.png"}, []string{"nothing.png"}},
		{"a folder without images", []string{empty}, []string{empty, "no PNG"}},
		{"more classes than there are", []string{"-top", "4", text}, []string{"-top 4", "1 to 3"}},
		{"no classes", []string{"-top", "0", text}, []string{"-top 0"}},
	}
	for _, test := range tests {
		t.Run(test.reason, func(t *testing.T) {
			args := append([]string{"predict", "-weights", weights}, test.args...)
			runTiny(args...).fails(t, 2, test.says...)
		})
	}
	t.Run("channels that no picture has", func(t *testing.T) {
		spec := softmaxSpec("tiny", 8, 2, 4, 4, 3)
		runWith(context.Background(), spec, hooks{}, "predict", text).fails(t, 2, "1 or 3 channels")
	})
}

// Files that cannot be read are told of in their places, and the others are classified.
func TestPredictGoesOn(t *testing.T) {
	dataDir, dir := writeTiny(t), t.TempDir()
	sha(t, "-data-dir", dataDir, "-run-dir", dir, "-epochs", "20")
	weights, folder := runDir(dir).best(), t.TempDir()
	var want []string
	for i := range 24 { // three batches
		name := fmt.Sprintf("%02d.png", i)
		path := filepath.Join(folder, name)
		if i%3 == 1 {
			if err := os.WriteFile(path, []byte("no image"), 0o666); err != nil {
				t.Fatal(err)
			}
			want = append(want, "error "+name)
			continue
		}
		writeImage(t, path, barImage(i%tinyClasses, 170, 60))
		want = append(want, fmt.Sprintf("prediction %s %d", name, i%tinyClasses))
	}
	if err := os.WriteFile(filepath.Join(folder, ".hidden.png"), nil, 0o666); err != nil {
		t.Fatal(err)
	}

	r := runTiny("predict", "-weights", weights, "-json", folder)
	r.fails(t, 1, "8 of 24 pictures cannot be read")
	var got []string
	events := r.events(t)
	for _, event := range events[1:25] {
		line := fmt.Sprint(event["event"], " ", filepath.Base(event["file"].(string)))
		if classes, ok := event["classes"].([]any); ok {
			line += " " + classes[0].(map[string]any)["name"].(string)
		} else if !strings.Contains(event["error"].(string), "no PNG, JPEG or GIF picture") {
			t.Errorf("error of %s: %v", line, event["error"])
		}
		got = append(got, line)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	first, last := events[0], events[25]
	if said, _ := first["text"].(string); !strings.Contains(said, "skipped 1 hidden (") {
		t.Errorf("first event %v", first)
	}
	if last["event"] != "summary" || last["images"] != 16.0 || last["failed"] != 8.0 {
		t.Errorf("last event %v, want 16 images and 8 failures", last)
	}

	r = runTiny("predict", "-weights", weights, folder)
	r.fails(t, 1, "8 of 24 pictures cannot be read")
	lines := strings.Split(r.out, "\n")
	if len(lines) != 26 || !strings.HasPrefix(lines[1], filepath.Join(folder, "00.png")+": 0 ") ||
		!strings.HasPrefix(lines[2], filepath.Join(folder, "01.png")+": byte 0: no PNG") {
		t.Errorf("as text: %q", r.out)
	}
}

// A name cannot forge a line or send codes to a terminal.
func TestPredictQuotesNames(t *testing.T) {
	dataDir, dir, folder := writeTiny(t), t.TempDir(), t.TempDir()
	sha(t, "-data-dir", dataDir, "-run-dir", dir, "-max-steps", "1")
	good, bad := filepath.Join(folder, "a\x1b[2J.png"), filepath.Join(folder, "b\nc: 0.png")
	if err := os.WriteFile(bad, []byte("no image"), 0o666); err != nil {
		t.Skipf("the file system has no such names: %v", err)
	}
	writeImage(t, good, barImage(0, 200, 20))
	r := runTiny("predict", "-weights", runDir(dir).best(), folder)
	r.fails(t, 1)
	if !strings.Contains(r.out, `a\x1b[2J.png": `) || strings.Contains(r.out, "\x1b") ||
		!strings.Contains(r.out, `b\nc: 0.png": byte 0`) || strings.Count(r.out, "\n") != 2 {
		t.Errorf("names of files as text: %q", r.out)
	}
	runTiny("predict", "-weights", good, folder).fails(t, 2, `a\x1b[2J.png`)
	for _, event := range runTiny("predict", "-json", "-weights", runDir(dir).best(), good).events(t) {
		if event["event"] == "prediction" && event["file"] != good {
			t.Errorf("file %q in JSON, want %q", event["file"], good)
		}
	}
}
