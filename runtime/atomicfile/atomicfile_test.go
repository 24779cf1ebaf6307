package atomicfile

import (
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func write(t *testing.T, path, contents string) {
	t.Helper()
	if err := Write(path, strings.NewReader(contents)); err != nil {
		t.Fatal(err)
	}
}

// holds fails unless a folder has these files alone, with these contents.
func holds(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, entry := range entries {
		contents, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got[entry.Name()] = string(contents)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	write(t, path, "old")
	write(t, path, "new")
	holds(t, dir, map[string]string{"file": "new"})
}

func TestWriteKeepsModes(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	usual, err := os.Create(filepath.Join(dir, "usual"))
	if err != nil {
		t.Fatal(err)
	}
	defer usual.Close()
	mode := func(path string) os.FileMode {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode()
	}
	write(t, path, "new")
	if got, want := mode(path), mode(usual.Name()); got != want {
		t.Errorf("a new file has mode %v, want that of os.Create, %v", got, want)
	}
	for _, want := range []os.FileMode{0o640, 0o666, 0o600} {
		if err := os.Chmod(path, want); err != nil {
			t.Fatal(err)
		}
		write(t, path, "newer")
		if got := mode(path); got != want {
			t.Errorf("mode %v becomes %v", want, got)
		}
	}
}

var errBroken = errors.New("broken")

func TestWriteFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	write(t, path, "old")
	err := Write(path, io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errBroken)))
	if !errors.Is(err, errBroken) {
		t.Errorf("error %v", err)
	}
	holds(t, dir, map[string]string{"file": "old"})
	if err := Write(filepath.Join(dir, "none", "file"), strings.NewReader("")); err == nil {
		t.Error("no error without a folder")
	}
}

// TestWriteIsAlone has many writers of one file: what is there is of one of them at any time.
func TestWriteIsAlone(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	texts := []string{strings.Repeat("a", 1<<18), strings.Repeat("b", 1<<17)}
	write(t, path, texts[0])
	failures := make(chan error)
	for _, text := range texts {
		go func() {
			var err error
			for i := 0; i < 20 && err == nil; i++ {
				err = Write(path, strings.NewReader(text))
			}
			failures <- err
		}()
	}
	for range texts {
		if err := <-failures; err != nil {
			t.Error(err)
		}
		contents, err := os.ReadFile(path)
		if err != nil || !slices.Contains(texts, string(contents)) {
			t.Errorf("%d bytes of two writers, %v", len(contents), err)
		}
	}
}

func TestSweep(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	keep := map[string]string{
		"file": "", "file.next": "", "file.mine.next": "", "file." + rand.Text(): "",
		"files." + rand.Text() + suffix: "", "." + rand.Text() + suffix: "",
	}
	for name := range keep {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		name := path + "." + rand.Text() + suffix
		if err := os.WriteFile(name, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := Sweep(path); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, keep)
	if err := Sweep(filepath.Join(dir, "none", "file")); err != nil {
		t.Errorf("without a folder: %v", err)
	}
	t.Chdir(dir)
	if err := Sweep("file"); err != nil {
		t.Errorf("in the current folder: %v", err)
	}
}

func TestProbe(t *testing.T) {
	dir := t.TempDir()
	if err := Probe(filepath.Join(dir, "file")); err != nil {
		t.Error(err)
	}
	holds(t, dir, map[string]string{})
	for _, path := range []string{filepath.Join(dir, "none", "file"), dir} {
		if err := Probe(path); err == nil {
			t.Errorf("%s: no error", path)
		}
	}
}
