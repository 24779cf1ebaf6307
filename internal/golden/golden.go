// Package golden compares what tests find with golden files, which reviewers read. With the flag
// -update the tests write the files instead: go test ./compiler/pass -update.
package golden

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write what the tests find into their golden files")

// Text compares text with the file at path.
func Text(t testing.TB, path, text string) {
	t.Helper()
	if *update {
		write(t, path, []byte(text))
		return
	}
	want, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	compare(t, path, lines(want), lines([]byte(text)))
}

// Archive compares the files of an archive, by name, with those of the archive at path. The
// archive's comment tells the reason for the case.
func Archive(t testing.TB, path string, archive *txtar.Archive) {
	t.Helper()
	if *update {
		write(t, path, txtar.Format(archive))
		return
	}
	want, err := txtar.ParseFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		want, err = &txtar.Archive{}, nil
	}
	if err != nil {
		t.Fatal(err)
	}
	reason := path
	if comment := strings.TrimSpace(string(want.Comment)); comment != "" {
		reason += ": " + comment
	}
	compare(t, reason, contents(want), contents(archive))
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func compare(t testing.TB, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s\n(-want +got; go test -update accepts)\n%s", what, diff)
	}
}

// contents returns the lines of an archive's files by name.
func contents(archive *txtar.Archive) map[string][]string {
	m := map[string][]string{}
	for _, f := range archive.Files {
		m[f.Name] = lines(f.Data)
	}
	return m
}

func lines(text []byte) []string { return strings.Split(string(text), "\n") }
