//go:build unix

package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
)

const quickNet = `package net

import "github.com/gradc/gradc/dsl"

func Net() *dsl.Model {
	return dsl.New("quick", dsl.Image(1, 28, 28), dsl.Sequential(dsl.Flatten(), dsl.Linear(10)),
		dsl.Recipe{
			Loss: dsl.CrossEntropy(), Optimizer: dsl.SGD(0.1), Batch: 50, Epochs: 1, Data: "digits"})
}
`

const endlessNet = `package net

import (
	"os"
	"time"

	"github.com/gradc/gradc/dsl"
)

func Net() *dsl.Model {
	os.Stdout.WriteString("here\n")
	os.WriteFile("started", nil, 0o666)
	time.Sleep(time.Hour)
	return nil
}
`

// process is a gradc in a process group of its own, as a shell would start it.
type process struct {
	*exec.Cmd
	dir, tmp string
	out      io.Reader
	errOut   *bytes.Buffer
}

// start runs gradc in a new module whose package net has the source.
func start(t *testing.T, source string, args ...string) process {
	t.Helper()
	p := process{exec.Command("gradc", args...), t.TempDir(), t.TempDir(), nil, &bytes.Buffer{}}
	if err := writeModule(p.dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(p.dir, "net"), 0o777); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(p.dir, "net", "net.go")
	if err := os.WriteFile(file, []byte(source), 0o666); err != nil {
		t.Fatal(err)
	}
	p.Dir = p.dir
	p.Env = append(append(p.Environ(), moduleEnv(t)...), "TMPDIR="+p.tmp)
	p.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.Stderr = p.errOut
	var err error
	if p.out, err = p.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(-p.Process.Pid, syscall.SIGKILL) })
	return p
}

// ends waits for the end and fails the test unless it is that of an interrupt: exit status 130,
// standard error that matches, no temporary files.
func (p process) ends(t *testing.T, pattern string) {
	t.Helper()
	if _, err := io.Copy(io.Discard, p.out); err != nil {
		t.Fatal(err)
	}
	err := p.Wait()
	exit := new(exec.ExitError)
	if !errors.As(err, &exit) || exit.ExitCode() != 130 {
		t.Errorf("%v, want exit status 130", err)
	}
	if !regexp.MustCompile(pattern).Match(p.errOut.Bytes()) {
		t.Errorf("standard error %q does not match %s", p.errOut, pattern)
	}
	left, err := os.ReadDir(p.tmp)
	if err != nil || len(left) > 0 {
		t.Errorf("left in the folder of temporary files: %v, %v", left, err)
	}
}

// TestInterruptedTraining stops trainings that gradc runs. The last weights are kept.
func TestInterruptedTraining(t *testing.T) {
	for _, test := range []struct {
		reason string
		signal syscall.Signal
		group  bool
	}{
		{"a terminal interrupts gradc and the trainer", syscall.SIGINT, true},
		{"a supervisor asks gradc alone to end", syscall.SIGTERM, false},
	} {
		t.Run(test.reason, func(t *testing.T) {
			t.Parallel()
			p := start(t, quickNet, "run", "./net", "--", "train", "-epochs", "100000000")
			for lines := bufio.NewScanner(p.out); lines.Scan(); {
				if bytes.HasPrefix(lines.Bytes(), []byte("epoch 2/")) {
					break
				}
			}
			target := p.Process.Pid
			if test.group {
				target = -target
			}
			if err := syscall.Kill(target, test.signal); err != nil {
				t.Fatal(err)
			}
			p.ends(t, `\nquick: interrupted after step \d+; saved runs/quick/last.safetensors; `+
				`train -resume goes on\n$`)
			for _, name := range []string{"last.safetensors", "best.safetensors"} {
				info, err := os.Stat(filepath.Join(p.dir, "runs", "quick", name))
				if err != nil || info.Size() < 4*7850 {
					t.Errorf("%s of 7850 parameters: %v, %v", name, info, err)
				}
			}
		})
	}
}

// TestInterruptedGenerate stops gradc while it runs a func of the user.
func TestInterruptedGenerate(t *testing.T) {
	t.Parallel()
	p := start(t, endlessNet, "generate", "./net")
	waitFor(filepath.Join(p.dir, "net", "started"))
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	p.ends(t, `^gradc: interrupted\n$`)
	if _, err := os.Stat(filepath.Join(p.dir, "generated")); err == nil {
		t.Error("something was generated")
	}
}
