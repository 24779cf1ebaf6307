//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// waitFor waits until a file is there.
func waitFor(path string) {
	for {
		if _, err := os.Stat(path); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// gradcIn runs gradc in the folder of an earlier process, with its environment and variables.
func (p process) gradcIn(env []string, args ...string) *exec.Cmd {
	cmd := exec.Command("gradc", args...)
	cmd.Dir, cmd.Env = p.dir, append(p.Env[:len(p.Env):len(p.Env)], env...)
	return cmd
}

func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// TestKilledRun kills a gradc that has temporary files. The next run removes them, and leaves those
// of a run that is alive.
func TestKilledRun(t *testing.T) {
	t.Parallel()
	dead := start(t, endlessNet, "generate", "./net")
	waitFor(filepath.Join(dead.dir, "net", "started"))
	if err := syscall.Kill(-dead.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = dead.Wait() // which tells of the kill
	left := names(t, dead.tmp)
	if len(left) != 2 {
		t.Fatalf("a killed run leaves %q, want a folder and its lock", left)
	}

	alive := dead.gradcIn(nil, "generate", "./net")
	alive.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := os.Remove(filepath.Join(dead.dir, "net", "started")); err != nil {
		t.Fatal(err)
	}
	if err := alive.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(filepath.Join(dead.dir, "net", "started"))
	now := names(t, dead.tmp)
	if len(now) != 2 || strings.Contains(strings.Join(now, " "), left[0]) {
		t.Errorf("beside a run that is alive there is %q, after a killed one with %q", now, left)
	}

	net := filepath.Join(dead.dir, "net", "net.go")
	if err := os.WriteFile(net, []byte(quickNet), 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := dead.gradcIn(nil, "generate", "./net").CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if after := names(t, dead.tmp); strings.Join(after, " ") != strings.Join(now, " ") {
		t.Errorf("another run makes %q of the temporary files %q of one that is alive", after, now)
	}
	if err := syscall.Kill(-alive.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = alive.Wait()
}

const ratedNet = `package net

import (
	"os"
	"strconv"

	"github.com/gradc/gradc/dsl"
)

func Net() *dsl.Model {
	width, _ := strconv.Atoi(os.Getenv("WIDTH"))
	return dsl.New("rated", dsl.Image(1, 28, 28),
		dsl.Sequential(dsl.Flatten(), dsl.Linear(width), dsl.ReLU(), dsl.Linear(10)),
		dsl.Recipe{
			Loss: dsl.CrossEntropy(), Optimizer: dsl.SGD(0.1), Batch: 50, Epochs: 1, Data: "digits"})
}
`

// TestConcurrentGenerates has several processes generate different versions of a network into one
// folder. One of the versions is there in the end.
func TestConcurrentGenerates(t *testing.T) {
	t.Parallel()
	versions := []string{"WIDTH=10", "WIDTH=16", "WIDTH=23"}
	first := start(t, ratedNet, "generate", "-check", "./net")
	_ = first.Wait() // of width 0, which is a mistake: it fills the cache of the go command
	var running []*exec.Cmd
	for _, version := range versions {
		cmd := first.gradcIn([]string{version}, "generate", "./net")
		cmd.Stderr = &bytes.Buffer{}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		running = append(running, cmd)
	}
	for _, cmd := range running {
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %s", err, cmd.Stderr)
		}
	}
	var same []string
	for _, version := range versions {
		if first.gradcIn([]string{version}, "generate", "-check", "./net").Run() == nil {
			same = append(same, version)
		}
	}
	if len(same) != 1 {
		t.Errorf("the folder holds the versions %q, want one", same)
	}
	if got := names(t, filepath.Join(first.dir, "generated")); len(got) != 1 {
		t.Errorf("beside the network there is %q", got)
	}
}
