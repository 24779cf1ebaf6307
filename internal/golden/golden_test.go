package golden

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// recorder stands for a test that a comparison may fail.
type recorder struct {
	testing.TB
	failure string
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.failure = fmt.Sprintf(format, args...)
}

func TestCompare(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txtar")
	text := func(s string) func(testing.TB) { return func(t testing.TB) { Text(t, path, s) } }
	archive := func(x string) func(testing.TB) {
		a := &txtar.Archive{Files: []txtar.File{{Name: "x", Data: []byte(x)}}}
		return func(t testing.TB) { Archive(t, path, a) }
	}
	for _, test := range []struct {
		reason, file string
		compare      func(testing.TB)
		want         []string // words of the failure
	}{
		{"equal text", "a\nb\n", text("a\nb\n"), nil},
		{"other text", "a\nb\n", text("a\nc\n"), []string{path, `"b"`, `"c"`, "-update"}},
		{"no file", "", text("a\n"), []string{path, `"a"`}},
		{"equal files", "why\n-- x --\n1\n", archive("1\n"), nil},
		{"other files", "why\n-- x --\n1\n", archive("2\n"),
			[]string{path, "why", `"1"`, `"2"`, "-update"}},
		{"a file less", "-- x --\n1\n-- y --\n", archive("1\n"), []string{`"y"`}},
		{"no archive", "", archive("1\n"), []string{`"x"`}},
	} {
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		if test.file != "" {
			write(t, path, []byte(test.file))
		}
		r := &recorder{}
		test.compare(r)
		if (r.failure == "") != (test.want == nil) {
			t.Errorf("%s: failure %q", test.reason, r.failure)
		}
		for _, word := range test.want {
			if !strings.Contains(r.failure, word) {
				t.Errorf("%s: failure %q does not say %q", test.reason, r.failure, word)
			}
		}
	}
}

func TestUpdate(t *testing.T) {
	*update = true
	defer func() { *update = false }()
	dir := t.TempDir()
	text, archive := filepath.Join(dir, "text"), filepath.Join(dir, "archive")
	Text(t, text, "a\n")
	Archive(t, archive, &txtar.Archive{Comment: []byte("why\n"),
		Files: []txtar.File{{Name: "x", Data: []byte("1\n")}}})
	for path, want := range map[string]string{text: "a\n", archive: "why\n-- x --\n1\n"} {
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s holds %q, want %q; %v", path, got, want, err)
		}
	}
}
