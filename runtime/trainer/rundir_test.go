package trainer

import (
	"context"
	"crypto/rand"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOneTrainingAtATime(t *testing.T) {
	dataDir, dir := writeTiny(t), t.TempDir()
	release, err := runDir(dir).open()
	if err != nil {
		t.Fatal(err)
	}
	for _, resume := range []string{"-resume=false", "-resume"} {
		if resume == "-resume" {
			if err := os.WriteFile(runDir(dir).last(), []byte("weights"), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		runTiny("train", "-data-dir", dataDir, "-run-dir", dir, resume).
			fails(t, 2, dir, "another training is at work there")
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	sha(t, "-data-dir", dataDir, "-run-dir", dir)
	sha(t, "-data-dir", dataDir, "-run-dir", dir, "-resume") // the lock does not outlive a training
}

// TestTrainingCleansUp has what a training that was killed leaves behind, and what it must not
// touch.
func TestTrainingCleansUp(t *testing.T) {
	dataDir, dir := writeTiny(t), t.TempDir()
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	left := []string{"best.safetensors", "last.safetensors", "run.json"}
	for _, name := range left {
		path := filepath.Join(dir, name+"."+rand.Text()+".next")
		if err := os.WriteFile(path, []byte("half"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	mine := []string{"notes.next", "last.safetensors.next"}
	for _, name := range mine {
		if err := os.Symlink(outside, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	sha(t, "-data-dir", dataDir, "-run-dir", dir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	want := []string{".lock", "best.safetensors", "last.safetensors", "last.safetensors.next",
		"notes.next", "run.json"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files of the run (-want +got):\n%s", diff)
	}
	if readFile(t, outside) != "mine" {
		t.Error("the target of a link was written")
	}
}

// TestNewTrainingKeepsTheOldOne fails in different ways before it saves weights of its own.
func TestNewTrainingKeepsTheOldOne(t *testing.T) {
	dataDir, dir := writeTiny(t), t.TempDir()
	sha(t, "-data-dir", dataDir, "-run-dir", dir)
	contents := func() map[string]string {
		all := map[string]string{}
		for _, path := range runDir(dir).files() {
			all[path] = readFile(t, path)
		}
		return all
	}
	before := contents()
	diverges := hooks{loss: func(step int64, _ float32) float32 { return float32(math.NaN()) }}
	for _, test := range []struct {
		reason string
		h      hooks
		args   []string
	}{
		{"a loss that is no number", diverges, nil},
		{"no data", hooks{}, []string{"-data-dir", t.TempDir()}},
		{"another shape", hooks{}, []string{"-data", "digits"}},
	} {
		args := append([]string{"train", "-data-dir", dataDir, "-run-dir", dir, "-seed", "9"},
			test.args...)
		runWith(context.Background(), tinySpec(), test.h, args...).fails(t, 2)
		if diff := cmp.Diff(before, contents()); diff != "" {
			t.Errorf("%s: the files have changed (-before +after):\n%s", test.reason, diff)
		}
	}
}

// TestBestOfAnotherTraining is the state of a directory when a training was killed between its
// first best weights and the removal of an earlier training's files.
func TestBestOfAnotherTraining(t *testing.T) {
	dataDir, dir, other := writeTiny(t), t.TempDir(), t.TempDir()
	sha(t, "-data-dir", dataDir, "-run-dir", dir, "-epochs", "8")
	sha(t, "-data-dir", dataDir, "-run-dir", other, "-seed", "2", "-max-steps", "1")
	foreign := readFile(t, runDir(other).best())
	if err := os.WriteFile(runDir(dir).best(), []byte(foreign), 0o666); err != nil {
		t.Fatal(err)
	}
	sha(t, "-data-dir", dataDir, "-run-dir", dir, "-resume", "-epochs", "9")
	if readFile(t, runDir(dir).best()) == foreign {
		t.Error("the best weights are of another training")
	}
}

func TestRunDirRefuses(t *testing.T) {
	dataDir := writeTiny(t)
	for _, name := range []string{"best.safetensors", "last.safetensors", "run.json", ".lock"} {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
		runTiny("train", "-data-dir", dataDir, "-run-dir", dir).
			fails(t, 2, "-run-dir", name, "it is a directory, not a regular file")
	}
	out := t.TempDir()
	runTiny("export", "-o", out).fails(t, 2, "-o", out, "it is a directory, not a regular file")
}
