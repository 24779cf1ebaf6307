package regular

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := os.WriteFile(path, []byte("contents"), 0o666); err != nil {
		t.Fatal(err)
	}
	paths := []string{path}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(path, link); err == nil { // Windows may not permit it
		paths = append(paths, link)
	}
	for _, path := range paths {
		file, size, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		contents, err := io.ReadAll(file)
		if err != nil || string(contents) != "contents" || size != 8 {
			t.Errorf("%s: %q of %d bytes (%v)", path, contents, size, err)
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := Open(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	_, _, err := Open(dir)
	if err == nil || !strings.Contains(err.Error(), dir+": it is a directory, not a regular") {
		t.Errorf("a directory: %v", err)
	}
}
