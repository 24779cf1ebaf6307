package trainer

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gradc/gradc/runtime/philox"
)

// The tiny data set: three classes of 4x4 images, 6 batches of 8 for training (2 images are left
// over) and 3 for testing (the last has 5).
const (
	tinyTrain   = 50
	tinyTest    = 21
	tinyClasses = 3
	tinyBatches = 6
)

func tinySpec() *Spec { return softmaxSpec("tiny", 8, 1, 4, 4, tinyClasses) }

// writeTiny writes the tiny data set as npy files and returns their folder.
func writeTiny(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for split, n := range map[string]int{"train": tinyTrain, "test": tinyTest} {
		random := philox.Key{Seed: 7, Purpose: philox.Data}.Stream(uint32(n), 0)
		images, labels := make([]byte, 0, n*16), make([]byte, n)
		for i := range n {
			labels[i] = byte(i % tinyClasses)
			for pixel := range 16 {
				v := random.IntN(120)
				if pixel/4 == i%tinyClasses { // a row for each class
					v += 100
				}
				images = append(images, byte(v))
			}
		}
		writeNPY(t, filepath.Join(dir, split+"_images.npy"), fmt.Sprintf("(%d, 4, 4)", n), images)
		writeNPY(t, filepath.Join(dir, split+"_labels.npy"), fmt.Sprintf("(%d,)", n), labels)
	}
	return dir
}

func writeNPY(t *testing.T, path, shape string, values []byte) {
	t.Helper()
	header := fmt.Sprintf("{'descr': '|u1', 'fortran_order': False, 'shape': %s, }", shape)
	header += strings.Repeat(" ", 117-len(header)) + "\n"
	contents := append([]byte("\x93NUMPY\x01\x00\x76\x00"), header...)
	if err := os.WriteFile(path, append(contents, values...), 0o666); err != nil {
		t.Fatal(err)
	}
}

// result is what a command did.
type result struct {
	code        int
	out, errOut string
}

// runWith runs a command line of a network.
func runWith(ctx context.Context, spec *Spec, h hooks, args ...string) result {
	var out, errOut bytes.Buffer
	code := Run(ctx, spec, softmaxBuild(spec, h), args, &out, &errOut)
	return result{code, out.String(), errOut.String()}
}

// runTiny runs a command line of the tiny network.
func runTiny(args ...string) result {
	return runWith(context.Background(), tinySpec(), hooks{}, args...)
}

// done fails the test unless the command ended well and quietly.
func (r result) done(t *testing.T) result {
	t.Helper()
	if r.code != 0 || r.errOut != "" {
		t.Fatalf("exit code %d, standard error %q", r.code, r.errOut)
	}
	return r
}

// fails fails the test unless the command ended with the code and one line of standard error that
// holds all the words.
func (r result) fails(t *testing.T, code int, words ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("exit code %d, want %d", r.code, code)
	}
	if !strings.HasPrefix(r.errOut, "tiny: ") || strings.Count(r.errOut, "\n") != 1 ||
		!strings.HasSuffix(r.errOut, "\n") {
		t.Errorf("standard error is not one line that begins with the name: %q", r.errOut)
	}
	for _, word := range words {
		if !strings.Contains(r.errOut, word) {
			t.Errorf("standard error %q does not say %q", r.errOut, word)
		}
	}
}

// events parses standard output, every line of which must be JSON.
func (r result) events(t *testing.T) []map[string]any {
	t.Helper()
	var events []map[string]any
	for _, line := range strings.Split(strings.TrimSuffix(r.out, "\n"), "\n") {
		event := map[string]any{}
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		events = append(events, event)
	}
	return events
}

// summary is the last line of a command run with -json.
func (r result) summary(t *testing.T) map[string]any {
	t.Helper()
	events := r.done(t).events(t)
	last := events[len(events)-1]
	if last["event"] != "summary" {
		t.Fatalf("the last line is no summary: %v", last)
	}
	return last
}

// hasKeys fails the test unless each key is there, with a value of the same type.
func hasKeys(t *testing.T, got map[string]any, want map[string]any) {
	t.Helper()
	for key, like := range want {
		value, ok := got[key]
		if !ok {
			t.Errorf("key %q is missing in %v", key, got)
		} else if fmt.Sprintf("%T", value) != fmt.Sprintf("%T", like) {
			t.Errorf("key %q is %T, want %T", key, value, like)
		}
	}
}

// exists tells whether there is a file.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	contents, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(contents)
}
