package dsl_test

import (
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write what the tests find to testdata")

// compareGolden compares files with those of the archive at path, or writes them there.
func compareGolden(t *testing.T, path string, files []txtar.File) {
	t.Helper()
	if *update {
		text := txtar.Format(&txtar.Archive{Files: files})
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	contents := func(files []txtar.File) map[string]string {
		m := map[string]string{}
		for _, f := range files {
			m[f.Name] = string(f.Data)
		}
		return m
	}
	if diff := cmp.Diff(contents(archive.Files), contents(files)); diff != "" {
		t.Errorf("%s differs (-want +got); go test -update accepts:\n%s", path, diff)
	}
}
