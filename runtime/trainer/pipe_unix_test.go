//go:build unix

package trainer

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A named pipe in the place of weights or of a picture would be waited for without end.
func TestPipes(t *testing.T) {
	dataDir, dir := writeTiny(t), t.TempDir()
	sha(t, "-data-dir", dataDir, "-run-dir", dir, "-max-steps", "1")
	pipe := filepath.Join(t.TempDir(), "pipe.png")
	if err := syscall.Mkfifo(pipe, 0o666); err != nil {
		t.Fatal(err)
	}
	r := runTiny("predict", "-weights", runDir(dir).best(), pipe)
	r.fails(t, 1, "1 of 1 picture")
	if !strings.Contains(r.out, "it is a named pipe, not a regular file") {
		t.Errorf("standard output %q", r.out)
	}
	for _, args := range [][]string{{"predict", pipe}, {"eval", "-data-dir", dataDir}, {"export"}} {
		runTiny(append(args, "-weights", pipe)...).fails(t, 2, "it is a named pipe")
	}
	if err := os.Rename(pipe, runDir(dir).last()); err != nil {
		t.Fatal(err)
	}
	runTiny("train", "-resume", "-data-dir", dataDir, "-run-dir", dir).fails(t, 2, "named pipe")
}
