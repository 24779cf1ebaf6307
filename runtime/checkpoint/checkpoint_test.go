package checkpoint

import (
	"bytes"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sample is what testdata/python.safetensors holds, which was written by the Python package
// safetensors 0.8.0.
func sample() ([]Tensor, map[string]string) {
	return []Tensor{
		{Name: "b", Shape: []int{2, 3}, Data: []float32{0, 1, 2, 3, 4, 5}},
		{Name: "s", Shape: []int{}, Data: []float32{7}},
		{Name: "a/β", Shape: []int{2}, Data: []float32{1.5, -2}},
		{Name: "e", Shape: []int{0, 4}, Data: []float32{}},
	}, map[string]string{"epoch": "3"}
}

func TestLoadReadsWhatPythonWrote(t *testing.T) {
	tensors, meta := sample()
	file, err := Load("testdata/python.safetensors", 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(meta, file.Meta); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a/β", "b", "e", "s"}, file.Names()); diff != "" {
		t.Errorf("names are sorted (-want +got):\n%s", diff)
	}
	for _, want := range tensors {
		got, ok := file.Tensor(want.Name)
		if diff := cmp.Diff(want, got); !ok || diff != "" {
			t.Errorf("tensor %q (-want +got):\n%s", want.Name, diff)
		}
	}
	if _, ok := file.Tensor("c"); ok {
		t.Error("there is a tensor c")
	}
}

func TestSaveWritesWhatPythonWrites(t *testing.T) {
	tensors, meta := sample()
	path := filepath.Join(t.TempDir(), "file")
	if err := Save(path, tensors, meta); err != nil {
		t.Fatal(err)
	}
	want := readFile(t, "testdata/python.safetensors")
	if got := readFile(t, path); !bytes.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	const sum = "dc976ade3a193c649bbd0cf2b3a9f1179d9363d059602508eb82c9560a7ee592"
	if got, err := SHA256(path); err != nil || got != sum {
		t.Errorf("SHA256: %s, %v, want %s", got, err, sum)
	}
}

// Every bit of a float32 survives, over more than one chunk.
func TestSaveAndLoadKeepBits(t *testing.T) {
	data := make([]float32, 3*chunkBytes/elementBytes+5)
	for i := range data {
		data[i] = math.Float32frombits(uint32(i) * 2654435761)
	}
	tensors := []Tensor{
		{Name: "w", Shape: []int{len(data)}, Data: data},
		{Name: "v", Shape: []int{7, 1}, Data: data[:7]},
	}
	path := filepath.Join(t.TempDir(), "file")
	if err := Save(path, tensors, nil); err != nil {
		t.Fatal(err)
	}
	file, err := Load(path, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range tensors {
		got, _ := file.Tensor(want.Name)
		if len(got.Data) != len(want.Data) {
			t.Fatalf("tensor %s: %d values, not %d", want.Name, len(got.Data), len(want.Data))
		}
		for i := range want.Data {
			if math.Float32bits(got.Data[i]) != math.Float32bits(want.Data[i]) {
				t.Fatalf("tensor %s, element %d: %x, not %x", want.Name, i,
					math.Float32bits(got.Data[i]), math.Float32bits(want.Data[i]))
			}
		}
	}
}

func TestSaveAlignsData(t *testing.T) {
	for i := range 8 {
		tensors := []Tensor{{Name: strings.Repeat("x", i), Shape: []int{1}, Data: []float32{1}}}
		content, err := encode(tensors, nil)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(content)
		if err != nil || (len(text)-elementBytes)%alignment != 0 {
			t.Errorf("name of %d bytes: the data begin at byte %d, %v",
				i, len(text)-elementBytes, err)
		}
	}
}

func TestSaveOfNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := Save(path, nil, nil); err != nil {
		t.Fatal(err)
	}
	file, err := Load(path, 1<<20)
	if err != nil || len(file.Names()) != 0 || file.Meta == nil {
		t.Errorf("got %+v, %v", file, err)
	}
}

func TestSaveRejects(t *testing.T) {
	one := []float32{1}
	for _, c := range []struct {
		name    string
		tensors []Tensor
		meta    map[string]string
		want    string
	}{
		{"too few values", []Tensor{{Name: "w", Shape: []int{2}, Data: one}}, nil,
			`tensor "w": shape [2] is of 2 values, there are 1`},
		{"negative dimension", []Tensor{{Name: "w", Shape: []int{-1}, Data: one}}, nil,
			`tensor "w": shape [-1] has a negative dimension`},
		{"huge shape", []Tensor{{Name: "w", Shape: []int{1 << 30, 1 << 30, 1 << 30}}}, nil,
			`tensor "w": shape [1073741824 1073741824 1073741824] is too large`},
		{"same name twice", []Tensor{{Name: "w", Data: one}, {Name: "w", Data: one}}, nil,
			`two tensors are named "w"`},
		{"reserved name", []Tensor{{Name: "__metadata__", Data: one}}, nil,
			"the name is reserved"},
		{"name not UTF-8", []Tensor{{Name: "\xff", Data: one}}, nil,
			`tensor "\xff": the name is not UTF-8`},
		{"metadata not UTF-8", nil, map[string]string{"k": "\xff"}, `metadata "k": "\xff"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			err := Save(filepath.Join(dir, "file"), c.tensors, c.meta)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
			checkFiles(t, dir)
		})
	}
}

// A save that fails leaves the directory as it was and gives one error of one line.
func TestSaveFails(t *testing.T) {
	tensors, meta := sample()
	for _, c := range []struct {
		name    string
		prepare func(t *testing.T, dir string) (path string)
		files   []string
	}{
		{"no directory", func(t *testing.T, dir string) string {
			return filepath.Join(dir, "none", "file")
		}, nil},
		{"file as directory", func(t *testing.T, dir string) string {
			writeFile(t, filepath.Join(dir, "old"), "old")
			return filepath.Join(dir, "old", "file")
		}, []string{"old"}},
		// The bytes are written, then the last move fails.
		{"directory in the way", func(t *testing.T, dir string) string {
			if err := os.MkdirAll(filepath.Join(dir, "file", "sub"), 0o755); err != nil {
				t.Fatal(err)
			}
			return filepath.Join(dir, "file")
		}, []string{"file"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			path := c.prepare(t, dir)
			err := Save(path, tensors, meta)
			if err == nil || !strings.Contains(err.Error(), path) ||
				strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v", err)
			}
			checkFiles(t, dir, c.files...)
		})
	}
}

func TestSaveReplaces(t *testing.T) {
	tensors, meta := sample()
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	writeFile(t, path, "old")
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := Save(path, tensors[:1], meta); err != nil {
		t.Fatal(err)
	}
	file, err := Load(path, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"b"}, file.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the mode is not kept: %v, %v", info.Mode(), err)
	}
	checkFiles(t, dir, "file")
}

// TestSaveHasTheUsualMode compares with a file that the system made.
func TestSaveHasTheUsualMode(t *testing.T) {
	tensors, meta := sample()
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := Save(path, tensors, meta); err != nil {
		t.Fatal(err)
	}
	usual, err := os.Create(filepath.Join(dir, "usual"))
	if err != nil {
		t.Fatal(err)
	}
	defer usual.Close()
	want, err := usual.Stat()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.Stat(path)
	if err != nil || got.Mode() != want.Mode() {
		t.Errorf("mode %v, want %v; %v", got.Mode(), want.Mode(), err)
	}
}

func TestCopy(t *testing.T) {
	file, err := Load("testdata/python.safetensors", 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		change func(tensors []Tensor) []Tensor
		want   string
	}{
		{"same", func(ts []Tensor) []Tensor { return ts }, ""},
		{"missing", func(ts []Tensor) []Tensor {
			return append(ts, Tensor{Name: "c", Shape: []int{3}, Data: make([]float32, 3)})
		}, `it lacks "c" of shape [3]`},
		{"extra", func(ts []Tensor) []Tensor { return ts[1:] },
			`it has "b" of shape [2 3], which is not wanted`},
		{"other shape", func(ts []Tensor) []Tensor {
			ts[0].Shape = []int{3, 2}
			return ts
		}, `it has "b" in shape [2 3], not [3 2]`},
		{"too little room", func(ts []Tensor) []Tensor {
			ts[0].Data = ts[0].Data[:5]
			return ts
		}, `tensor "b" of shape [2 3] has room for 5 values, not 6`},
	} {
		t.Run(c.name, func(t *testing.T) {
			want, _ := sample()
			got, _ := sample()
			for i := range got {
				clear(got[i].Data)
			}
			err := file.Copy(c.change(got))
			if c.want == "" {
				if diff := cmp.Diff(want, got); err != nil || diff != "" {
					t.Errorf("%v (-want +got):\n%s", err, diff)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) ||
				!strings.Contains(err.Error(), file.Path) && c.name != "too little room" {
				t.Errorf("got %v, want %s", err, c.want)
			}
			for _, g := range got {
				if len(g.Data) > 0 && g.Data[len(g.Data)-1] != 0 {
					t.Errorf("tensor %q was filled in spite of the error", g.Name)
				}
			}
		})
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// checkFiles fails unless a directory holds these entries alone.
func checkFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files in the directory (-want +got):\n%s", diff)
	}
}
