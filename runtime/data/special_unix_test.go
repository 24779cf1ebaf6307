//go:build unix

package data

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// pipe makes a named pipe, which nobody writes to.
func pipe(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(path, 0o666); err != nil {
		t.Fatal(err)
	}
}

// A named pipe in the place of any file would be waited for without end.
func TestPipes(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"mnist/train-images-idx3-ubyte", "cifar-100-binary/train.bin",
		"cifar-10-batches-bin/data_batch_1.bin", "train_images.npy", "train/x/1.png"} {
		pipe(t, filepath.Join(dir, filepath.FromSlash(name)))
	}
	for _, name := range []string{"mnist/train-labels-idx1-ubyte", "mnist/t10k-images-idx3-ubyte",
		"mnist/t10k-labels-idx1-ubyte", "test/x/1.png"} {
		write(t, dir, name, pngFile(t, grey(1)))
	}
	for _, name := range Names() {
		if name == "digits" {
			continue
		}
		_, _, err := Open(name, Options{Dir: dir, Channels: 0})
		wantError(t, err, dir, "it is a named pipe, not a regular file")
	}
	_, err := ReadPicture(filepath.Join(dir, "train", "x", "1.png"), 1, 2, 3)
	wantError(t, err, "1.png: it is a named pipe, not a regular file")

	pipe(t, filepath.Join(dir, "train", "x", "pipe"))
	var list Listing
	if err := list.Add(filepath.Join(dir, "train")); err != nil {
		t.Fatal(err)
	}
	if said := list.Skipped(); !strings.Contains(said, "1 not regular files (") {
		t.Errorf("it says %s", said)
	}
	if !slices.Contains(list.Files, filepath.Join(dir, "train", "x", "1.png")) {
		t.Errorf("%v lacks what is named like a picture", list.Files)
	}
}

// A cached download has the mode of any other new file.
func TestCacheMode(t *testing.T) {
	old := syscall.Umask(0o027)
	defer syscall.Umask(old)
	cache := t.TempDir()
	var asked []string
	if _, _, err := (Options{CacheDir: cache}).small([]string{serve(t, &asked, same)}); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(filepath.Join(cache, "mnist"))
	if err != nil || len(files) != 4 {
		t.Fatalf("%d files in the cache (%v)", len(files), err)
	}
	for _, file := range files {
		info, err := file.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != fs.FileMode(0o640) {
			t.Errorf("%s has mode %v, want 0640", file.Name(), info.Mode())
		}
	}
}
