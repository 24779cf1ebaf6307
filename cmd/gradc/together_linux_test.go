package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestEndTogether kills a process, which is this test again, and waits for the end of the one that
// it has started.
func TestEndTogether(t *testing.T) {
	if os.Getenv("GRADC_TEST_PARENT") != "" {
		child := exec.Command("sleep", "60")
		defer endTogether(child)()
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		fmt.Println("pid", child.Process.Pid)
		t.Fatal(child.Wait())
	}
	parent := exec.Command(os.Args[0], "-test.run", "^TestEndTogether$")
	parent.Env = append(os.Environ(), "GRADC_TEST_PARENT=1")
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	child, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(line, "pid ")))
	if err != nil {
		t.Fatal(err)
	}
	if !running(child) {
		t.Fatal("the child does not run")
	}
	_ = parent.Process.Kill()
	_ = parent.Wait()
	for end := time.Now().Add(time.Minute); running(child); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the child runs on")
		}
	}
}

// running reports whether a process is there and is more than an entry that nobody has asked about.
func running(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, state, _ := strings.Cut(string(stat), ") ")
	return err == nil && !strings.HasPrefix(state, "Z")
}
