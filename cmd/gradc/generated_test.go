package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestGenerated generates the examples again, twice and with a different number of threads. Every
// file is the same as in generated.
func TestGenerated(t *testing.T) {
	examples, err := filepath.Glob("../../examples/*/net.go")
	if err != nil || len(examples) < 5 {
		t.Fatalf("examples: %q, %v", examples, err)
	}
	for _, path := range examples { // go test shall see that the result depends on them
		if _, err := os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	want := readTree(t, "../../generated")
	for _, threads := range []string{"1", "3"} {
		t.Run("GOMAXPROCS="+threads, func(t *testing.T) {
			t.Parallel()
			out := t.TempDir()
			generate := exec.Command("gradc", "generate", "-out", out, "./examples/...")
			generate.Dir = "../.."
			generate.Env = append(generate.Environ(), "GOMAXPROCS="+threads)
			if text, err := generate.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			got := readTree(t, out)
			for name, text := range want {
				if again, ok := got[name]; !ok {
					t.Errorf("generated/%s belongs to no example", name)
				} else if !bytes.Equal(text, again) {
					t.Errorf("generated/%s is not up to date: run make generate, read git diff", name)
				}
			}
			for name := range got {
				if _, ok := want[name]; !ok {
					t.Errorf("generated/%s is missing: run make generate", name)
				}
			}
		})
	}
}

// readTree returns the files below a folder by their paths from there.
func readTree(t *testing.T, root string) map[string][]byte {
	t.Helper()
	tree := map[string][]byte{}
	paths, err := filepath.Glob(filepath.Join(root, "*", "*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("files of %s: %q, %v", root, paths, err)
	}
	for _, path := range paths {
		name, err := filepath.Rel(root, path)
		if err != nil {
			t.Fatal(err)
		}
		if tree[name], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	return tree
}
