package gradc_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	_ "github.com/gradc/gradc/runtime/trainer" // what the trainer consists of, for go test to see
)

// TestReproducible trains the digits for 50 steps. The weights are the same whatever the number of
// processors and threads, and after an interruption.
func TestReproducible(t *testing.T) {
	trainer := buildDigits(t)
	want := train(t, trainer, t.TempDir(), 1, "-max-steps", "50", "-threads", "1")
	for _, test := range []struct{ processors, threads int }{
		{1, 8}, {2, 0}, {3, 2}, {8, 3}, {8, 0},
	} {
		t.Run(fmt.Sprintf("%d processors, %d threads", test.processors, test.threads),
			func(t *testing.T) {
				t.Parallel()
				args := []string{"-max-steps", "50"}
				if test.threads > 0 {
					args = append(args, "-threads", fmt.Sprint(test.threads))
				}
				if got := train(t, trainer, t.TempDir(), test.processors, args...); got != want {
					t.Errorf("weights %s, want %s", got, want)
				}
			})
	}
	t.Run("resumed", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		train(t, trainer, dir, 2, "-max-steps", "23", "-threads", "2")
		got := train(t, trainer, dir, 2, "-max-steps", "50", "-threads", "3", "-resume")
		if got != want {
			t.Errorf("weights %s, want %s", got, want)
		}
	})
}

// buildDigits compiles the trainer of the example digits.
func buildDigits(t *testing.T) string {
	t.Helper()
	sources, err := filepath.Glob("generated/digits/*")
	if err != nil || len(sources) == 0 {
		t.Fatalf("sources of the trainer: %q, %v", sources, err)
	}
	for _, path := range sources { // go test shall see that the result depends on them
		if _, err := os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	trainer := filepath.Join(t.TempDir(), "digits")
	out, err := exec.Command("go", "build", "-o", trainer, "./generated/digits").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return trainer
}

// train trains with a number of processors and returns the SHA-256 of the weights.
func train(t *testing.T, trainer, dir string, processors int, args ...string) string {
	t.Helper()
	run := exec.Command(trainer, append([]string{"train", "-json", "-run-dir", dir}, args...)...)
	run.Env = append(run.Environ(), fmt.Sprintf("GOMAXPROCS=%d", processors))
	var problem bytes.Buffer
	run.Stderr = &problem
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, problem.String())
	}
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	var summary struct {
		SHA256 string `json:"weights_sha256"`
	}
	if err := json.Unmarshal(lines[len(lines)-1], &summary); err != nil || len(summary.SHA256) != 64 {
		t.Fatalf("summary %s: %v", lines[len(lines)-1], err)
	}
	return summary.SHA256
}
