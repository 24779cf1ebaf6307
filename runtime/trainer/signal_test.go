//go:build unix

package trainer

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
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

// start starts a training without an end and returns behind its second epoch, with its standard
// output and error.
func start(t *testing.T, dataDir, dir string) (*exec.Cmd, io.ReadCloser, *bytes.Buffer) {
	t.Helper()
	trainer := exec.Command(os.Args[0], "train", "-data-dir", dataDir, "-run-dir", dir,
		"-epochs", "100000000")
	trainer.Env = append(os.Environ(), trainerEnv+"=1")
	errOut := new(bytes.Buffer)
	trainer.Stderr = errOut
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
	return trainer, out, errOut
}

// saved fails the test unless a training ended as after an interrupt, behind epoch 2.
func saved(t *testing.T, dir string, err error, errOut string, words ...string) {
	t.Helper()
	exit := new(exec.ExitError)
	if !errors.As(err, &exit) || exit.ExitCode() != 130 {
		t.Fatalf("%v, standard error %q; want exit code 130", err, errOut)
	}
	result{130, "", errOut}.fails(t, 130, append(words, "last.safetensors")...)
	saved, err := openTraining(runDir(dir).last(), tinySpec())
	if err != nil {
		t.Fatal(err)
	}
	if saved.state.Step < 2*tinyBatches {
		t.Errorf("saved after step %d, but epoch 2 was over", saved.state.Step)
	}
}

func TestSignal(t *testing.T) {
	// A signal that is ignored here, as under nohup, would be ignored by the trainer as well.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	defer signal.Stop(signals)
	dataDir := writeTiny(t)
	for _, sent := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(sent.String(), func(t *testing.T) {
			dir := t.TempDir()
			trainer, out, errOut := start(t, dataDir, dir)
			if err := trainer.Process.Signal(sent); err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, out); err != nil {
				t.Fatal(err)
			}
			err := trainer.Wait()
			saved(t, dir, err, errOut.String(), "interrupted after step")
		})
	}
}

func TestClosedStandardOutput(t *testing.T) {
	dir := t.TempDir()
	trainer, out, errOut := start(t, writeTiny(t), dir)
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	err := trainer.Wait()
	saved(t, dir, err, errOut.String(), "writing to standard output", "stopped after step")
}

// TestPipeThatIsNotRead ends other commands as the signal would that the system sends for it.
func TestPipeThatIsNotRead(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := read.Close(); err != nil {
		t.Fatal(err)
	}
	defer write.Close()
	info := exec.Command(os.Args[0], "info")
	info.Env = append(os.Environ(), trainerEnv+"=1")
	info.Stdout = write
	var errOut bytes.Buffer
	info.Stderr = &errOut
	err = info.Run()
	exit := new(exec.ExitError)
	if !errors.As(err, &exit) || exit.ExitCode() != exitPipe || errOut.Len() > 0 {
		t.Errorf("%v, standard error %q; want exit code %d and nothing", err, errOut.String(), exitPipe)
	}
}

// TestKill kills a training: the directory is free for the next one at once.
func TestKill(t *testing.T) {
	dataDir, dir := writeTiny(t), t.TempDir()
	trainer, out, _ := start(t, dataDir, dir)
	args := []string{"train", "-data-dir", dataDir, "-run-dir", dir, "-resume", "-max-steps", "1"}
	runTiny(args...).fails(t, 2, "another training is at work there")
	if err := trainer.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, out); err != nil {
		t.Fatal(err)
	}
	if err := trainer.Wait(); err == nil {
		t.Error("the training has ended well")
	}
	runTiny(args...).done(t)
	names, err := filepath.Glob(filepath.Join(dir, "*.next"))
	if err != nil || len(names) > 0 {
		t.Errorf("left behind: %q, %v", names, err)
	}
}
