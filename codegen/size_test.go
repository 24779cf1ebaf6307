package codegen

import (
	"os"
	"path/filepath"
	"testing"
)

// TestSourceSize wants the Go and the assembly of every example to be what a person can look
// through.
func TestSourceSize(t *testing.T) {
	const most = 500_000
	networks, err := filepath.Glob("../generated/*")
	if err != nil || len(networks) == 0 {
		t.Fatalf("%d networks: %v", len(networks), err)
	}
	for _, dir := range networks {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		var size int64
		for _, e := range entries {
			info, err := e.Info()
			if err != nil {
				t.Fatal(err)
			}
			if ext := filepath.Ext(e.Name()); ext == ".go" || ext == ".s" {
				size += info.Size()
			}
		}
		if size >= most {
			t.Errorf("%s has %d bytes of source, not less than %d", dir, size, most)
		}
	}
}
