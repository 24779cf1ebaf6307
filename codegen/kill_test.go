package codegen

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// killed is the environment variable that makes this program write the files of the JSON that
// comes in on standard input, and kill itself before an operation on files.
const killed = "GRADC_TEST_KILL"

// order is what a program that is to be killed does.
type order struct {
	Dir   string
	Files []File
	At    int // the operation before which it ends, from 0
}

func TestMain(m *testing.M) {
	if os.Getenv(killed) == "" {
		os.Exit(m.Run())
	}
	var o order
	if err := json.NewDecoder(os.Stdin).Decode(&o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	operations := 0
	_, err := write(o.Dir, o.Files, func() {
		if operations == o.At {
			killMyself()
		}
		operations++
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func killMyself() {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		panic(err)
	}
	select {}
}

// writeKilled has another process write the files and kill itself before an operation. It reports
// whether the process came to that.
func writeKilled(t *testing.T, o order) bool {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(child.Environ(), killed+"=1")
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	child.Stderr = os.Stderr
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if err := json.NewEncoder(in).Encode(o); err != nil {
		t.Fatal(err)
	}
	err = child.Wait()
	exit := new(exec.ExitError)
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() == 2) {
		t.Fatalf("operation %d: %v", o.At, err)
	}
	return err != nil
}

// version returns files whose contents differ from those of other versions.
func version(text string, names ...string) []File {
	files := []File{manifestOf(names...)}
	for _, name := range names {
		files = append(files, File{name, []byte(text + " " + name + "\n")})
	}
	return files
}

// TestKilledWrite kills processes before each of their operations on files. The next Write of
// another version succeeds and leaves that version, the user's file, and nothing else.
func TestKilledWrite(t *testing.T) {
	first := version("first", "a.go", "b.go", "m.go", "z.go")
	tests := []struct {
		reason     string
		old, files []File
	}{
		{"a new folder", nil, first},
		{"files come, change and go", first, version("second", "a.go", "c.go", "z.go", "zz.go")},
		{"files change", first, version("second", "a.go", "b.go", "m.go", "z.go")},
		{"the network is described no more", first, nil},
	}
	third := version("third", "a.go", "b.go", "c.go", "d.go")
	for _, test := range tests {
		t.Run(test.reason, func(t *testing.T) {
			t.Parallel()
			kills := 0
			for ; killThenWrite(t, test.old, test.files, third, kills); kills++ {
			}
			if kills < 8 {
				t.Errorf("processes were killed at %d operations, want more", kills)
			}
		})
	}
}

// killThenWrite kills a process that changes a folder from old to files, then has next written. It
// reports whether the process was killed.
func killThenWrite(t *testing.T, old, files, next []File, at int) bool {
	t.Helper()
	parent := t.TempDir()
	dir := filepath.Join(parent, "net")
	if _, err := Write(dir, old); err != nil {
		t.Fatal(err)
	}
	killed := writeKilled(t, order{dir, files, at})
	if _, err := Write(dir, next); err != nil {
		t.Errorf("killed before operation %d: the next write: %v", at, err)
		return killed
	}
	want := map[string]string{}
	for _, f := range next {
		want[f.Name] = string(f.Data)
	}
	if diff := cmp.Diff(want, contents(t, dir)); diff != "" {
		t.Errorf("killed before operation %d: contents (-want +got):\n%s", at, diff)
	}
	return killed
}

// TestClean removes what is left of a network that is described no more after a kill.
func TestClean(t *testing.T) {
	for at := 0; ; at++ {
		parent := t.TempDir()
		dir := filepath.Join(parent, "net")
		if !writeKilled(t, order{dir, version("first", "a.go", "b.go"), at}) {
			break
		}
		owned, err := ReadManifest(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, folder := range Unfinished(parent) {
			if err := Clean(folder); err != nil {
				t.Error(err)
			}
		}
		if left := Unfinished(parent); len(left) > 0 {
			t.Errorf("killed before operation %d: left %q", at, left)
		}
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		for _, e := range entries {
			if !owned.owns(e.Name()) {
				t.Errorf("killed before operation %d: %s is nobody's", at, e.Name())
			}
		}
	}
}

// TestKilledWriteSparesOthersFiles has a user's file in the way of a folder that a kill has left.
func TestKilledWriteSparesOthersFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "net")
	if !writeKilled(t, order{dir, version("first", "a.go", "b.go"), 6}) {
		t.Fatal("the process was not killed")
	}
	mine := filepath.Join(dir, "mine.go")
	if err := os.WriteFile(mine, []byte("mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(dir, version("next", "mine.go")); err == nil {
		t.Error("a file of the user's is overwritten")
	}
	if _, err := Write(dir, version("next", "c.go")); err != nil {
		t.Fatal(err)
	}
	got := slices.Sorted(maps.Keys(contents(t, dir)))
	if want := []string{"c.go", ManifestName, "mine.go"}; !slices.Equal(got, want) {
		t.Errorf("the folder holds %q, want %q", got, want)
	}
}
