package codegen

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func manifestOf(names ...string) File {
	return File{ManifestName, []byte(`{"gradc":"v1","files":["` + strings.Join(names, `","`) + `"]}`)}
}

// contents returns the files of a folder by name.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got[e.Name()] = string(data)
	}
	return got
}

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "generated", "net")
	first := []File{{"a.go", []byte("a1\n")}, {"b.go", []byte("b1\n")}, manifestOf("a.go", "b.go")}
	second := []File{{"a.go", []byte("a1\n")}, {"c.go", []byte("c1\n")}, manifestOf("a.go", "c.go")}
	steps := []struct {
		reason string
		files  []File
		want   []string // touched
	}{
		{"a new folder gets every file", first, []string{"a.go", "b.go", ManifestName}},
		{"nothing changed, so nothing is written", first, nil},
		{"a file that is no longer needed goes", second, []string{"b.go", "c.go", ManifestName}},
	}
	for _, step := range steps {
		stale, err := Stale(dir, step.files)
		if err != nil {
			t.Fatalf("%s: %v", step.reason, err)
		}
		touched, err := Write(dir, step.files)
		if err != nil {
			t.Fatalf("%s: %v", step.reason, err)
		}
		if diff := cmp.Diff(step.want, touched); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.reason, diff)
		}
		if len(stale) != len(touched) {
			t.Errorf("%s: stale %v, but touched %v", step.reason, stale, touched)
		}
		want := map[string]string{}
		for _, f := range step.files {
			want[f.Name] = string(f.Data)
		}
		if diff := cmp.Diff(want, contents(t, dir)); diff != "" {
			t.Errorf("%s: contents (-want +got):\n%s", step.reason, diff)
		}
	}
}

func TestWriteSparesOthersFiles(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "a.go")
	if err := os.WriteFile(mine, []byte("mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Write(dir, []File{{"a.go", []byte("a1\n")}, {"b.go", []byte("b1\n")}})
	if err == nil || !strings.Contains(err.Error(), mine+" is in the way") {
		t.Errorf("a file of the user's in the way: error %v", err)
	}
	if diff := cmp.Diff(map[string]string{"a.go": "mine\n"}, contents(t, dir)); diff != "" {
		t.Errorf("the folder changed (-want +got):\n%s", diff)
	}
	if _, err := Write(dir, []File{{"b.go", []byte("b1\n")}, manifestOf("b.go")}); err != nil {
		t.Errorf("beside a file of the user's: %v", err)
	}
	if _, err := Write(dir, []File{manifestOf()}); err != nil {
		t.Fatal(err)
	}
	if got := contents(t, dir)["a.go"]; got != "mine\n" {
		t.Errorf("removing stale files: the user's file holds %q", got)
	}
}

func TestWriteLeavesNothingHalfWritten(t *testing.T) {
	dir := t.TempDir()
	first := []File{{"a.go", []byte("a1\n")}, manifestOf("a.go")}
	if _, err := Write(dir, first); err != nil {
		t.Fatal(err)
	}
	before := contents(t, dir)
	// A name that no file can have stands for a disk that is full when half is written.
	second := []File{{"a.go", []byte("a2\n")}, {"x/y.go", []byte("y\n")}, manifestOf("a.go")}
	if _, err := Write(dir, second); err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Errorf("the folder changed (-want +got):\n%s", diff)
	}
	fresh := filepath.Join(dir, "fresh")
	if _, err := Write(fresh, second); err == nil {
		t.Fatal("no error")
	}
	if _, err := os.Stat(fresh); err == nil {
		t.Error("an empty folder is left behind")
	}
}

func TestManifestNamesOnlyItsOwnFolder(t *testing.T) {
	dir := t.TempDir()
	manifest := filepath.Join(dir, ManifestName)
	for _, text := range []string{"{", `{"gradc":"v1","files":["../other.go"]}`, `{"name":"app"}`} {
		if err := os.WriteFile(manifest, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Write(dir, []File{manifestOf()}); err == nil ||
			!strings.Contains(err.Error(), manifest) {
			t.Errorf("manifest %q: error %v", text, err)
		}
	}
}

func TestWriteNoFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "net")
	for _, mine := range []string{"", "notes.txt"} {
		files := []File{{"a.go", []byte("a1\n")}, manifestOf("a.go")}
		if _, err := Write(dir, files); err != nil {
			t.Fatal(err)
		}
		if mine != "" {
			if err := os.WriteFile(filepath.Join(dir, mine), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		touched, err := Write(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"a.go", ManifestName}, touched); diff != "" {
			t.Errorf("a network that is no more (-want +got):\n%s", diff)
		}
		if mine == "" {
			if _, err := os.Stat(dir); err == nil {
				t.Error("the empty folder is still there")
			}
		} else if diff := cmp.Diff(map[string]string{mine: ""}, contents(t, dir)); diff != "" {
			t.Errorf("the user's file (-want +got):\n%s", diff)
		}
	}
}

func TestDiff(t *testing.T) {
	dir := t.TempDir()
	if _, err := Write(dir, []File{{"a.go", []byte("a1\n")}, manifestOf("a.go")}); err != nil {
		t.Fatal(err)
	}
	same, err := Diff(dir, []File{{"a.go", []byte("a1\n")}, manifestOf("a.go")})
	if err != nil || same != "" {
		t.Errorf("no change: %q, %v", same, err)
	}
	got, err := Diff(dir, []File{{"a.go", []byte("a2\n")}, manifestOf("a.go")})
	if err != nil || !strings.Contains(got, "\n-a1\n+a2\n") {
		t.Errorf("a changed line: %q, %v", got, err)
	}
}

// TestCarriageReturns takes a folder as a checkout on Windows has it.
func TestCarriageReturns(t *testing.T) {
	dir := t.TempDir()
	files := version("first", "a.go", "b.go")
	if _, err := Write(dir, files); err != nil {
		t.Fatal(err)
	}
	for name, text := range contents(t, dir) {
		crlf := []byte(strings.ReplaceAll(text, "\n", "\r\n"))
		if err := os.WriteFile(filepath.Join(dir, name), crlf, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := contents(t, dir)
	if diff, err := Diff(dir, files); diff != "" || err != nil {
		t.Errorf("difference %q, %v", diff, err)
	}
	if touched, err := Write(dir, files); len(touched) > 0 || err != nil {
		t.Errorf("touched %q, %v", touched, err)
	}
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Errorf("contents (-before +after):\n%s", diff)
	}
	files[1].Data = []byte("changed\n")
	got, err := Diff(dir, files)
	if err != nil || !strings.Contains(got, "\n-first a.go\n+changed\n") ||
		strings.Contains(got, ManifestName) {
		t.Errorf("one line changed, %v:\n%s", err, got)
	}
}
