package goasm

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestPeakFilesAreUpToDate(t *testing.T) {
	files, err := PeakFiles("cpu")
	if err != nil {
		t.Fatal(err)
	}
	if want := 2 * len(Machines()); len(files) != want {
		t.Errorf("%d files, want %d", len(files), want)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join("..", "..", "runtime", "cpu", name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("runtime/cpu/%s is not what PeakFiles prints (%v): run go generate there",
				name, err)
		}
	}
}
