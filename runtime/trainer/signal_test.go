//go:build unix

package trainer

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// trainerEnv makes the test binary a trainer of the tiny network.
const trainerEnv = "GRADC_TEST_TRAINER"

func TestMain(m *testing.M) {
	if os.Getenv(trainerEnv) != "" {
		spec := tinySpec()
		os.Exit(Main(spec, softmaxBuild(spec, hooks{})))
	}
	os.Exit(m.Run())
}

func TestSignal(t *testing.T) {
	dataDir := writeTiny(t)
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			dir := t.TempDir()
			trainer := exec.Command(os.Args[0], "train", "-data-dir", dataDir, "-run-dir", dir,
				"-epochs", "100000000")
			trainer.Env = append(os.Environ(), trainerEnv+"=1")
			var errOut bytes.Buffer
			trainer.Stderr = &errOut
			out, err := trainer.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := trainer.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(out)
			for lines.Scan() && !strings.HasPrefix(lines.Text(), "epoch 2/") {
			}
			if err := trainer.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			for lines.Scan() {
			}
			err = trainer.Wait()
			exit := new(exec.ExitError)
			if !errors.As(err, &exit) || exit.ExitCode() != 130 {
				t.Fatalf("%v, standard error %q; want exit code 130", err, errOut.String())
			}
			r := result{exit.ExitCode(), "", errOut.String()}
			r.fails(t, 130, "interrupted after step", "last.safetensors")
			saved, err := openTraining(runDir(dir).last())
			if err != nil {
				t.Fatal(err)
			}
			if saved.state.Step < 2*tinyBatches {
				t.Errorf("saved after step %d, but epoch 2 was over", saved.state.Step)
			}
		})
	}
}
