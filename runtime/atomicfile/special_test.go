//go:build unix

package atomicfile

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestWriteRefuses has in place of the target what would be lost, or written through.
func TestWriteRefuses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	write(t, file, "old")
	for _, test := range []struct {
		kind string
		make func(path string) error
	}{
		{"directory", func(path string) error { return os.Mkdir(path, 0o777) }},
		{"symbolic link", func(path string) error { return os.Symlink(file, path) }},
		{"symbolic link", func(path string) error { return os.Symlink("/none", path) }},
		{"named pipe", func(path string) error { return syscall.Mkfifo(path, 0o666) }},
	} {
		path := filepath.Join(dir, "target")
		if err := test.make(path); err != nil {
			t.Fatal(err)
		}
		before, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		err = Write(path, strings.NewReader("new"))
		want := path + ": it is a " + test.kind + ", not a regular file"
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
		after, err := os.Lstat(path)
		if err != nil || !os.SameFile(before, after) {
			t.Errorf("the %s is another: %v", test.kind, err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	holds(t, dir, map[string]string{"file": "old"})
	if err := Check("/dev/null"); err == nil || !strings.Contains(err.Error(), "is a device") {
		t.Errorf("a device: %v", err)
	}
}
