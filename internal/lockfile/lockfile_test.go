package lockfile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
)

// holder is the environment variable that makes this program take the lock of the path that it
// holds, say so, and wait.
const holder = "GRADC_TEST_HOLD"

func TestMain(m *testing.M) {
	path := os.Getenv(holder)
	if path == "" {
		os.Exit(m.Run())
	}
	lock, err := Try(path)
	if err != nil || lock == nil {
		fmt.Fprintln(os.Stderr, "no lock:", err)
		os.Exit(1)
	}
	fmt.Println("held")
	select {}
}

func TestKilledHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	other := exec.Command(os.Args[0])
	other.Env = append(other.Environ(), holder+"="+path)
	other.Stderr = os.Stderr
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if lock, err := Try(path); lock != nil || err != nil {
		t.Errorf("while another process holds the lock: %v, %v", lock, err)
	}
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait() // which tells of the kill
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("the killed process should have left its file: %v", err)
	}
	lock, err := Try(path)
	if err != nil || lock == nil {
		t.Fatalf("after the kill: %v, %v", lock, err)
	}
	if err := lock.Release(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the file is left behind")
	}
}

// TestTurns counts in a file, which goes wrong if two hold the lock at a time.
func TestTurns(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	count := filepath.Join(t.TempDir(), "count")
	const workers, turns = 8, 20
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for range turns {
				lock, err := Wait(t.Context(), filepath.Join(dir, "lock"), nil)
				if err != nil {
					t.Error(err)
					return
				}
				text, _ := os.ReadFile(count) // there is none at first
				n, _ := strconv.Atoi(string(text))
				if err := os.WriteFile(count, []byte(strconv.Itoa(n+1)), 0o600); err != nil {
					t.Error(err)
				}
				if err := lock.Release(); err != nil {
					t.Error(err)
				}
				_ = os.Remove(dir) // as one does who leaves nothing behind
			}
		})
	}
	group.Wait()
	if text, err := os.ReadFile(count); err != nil || string(text) != strconv.Itoa(workers*turns) {
		t.Errorf("counted to %s, %v; want %d", text, err, workers*turns)
	}
}

func TestWaitEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	lock, err := Try(path)
	if err != nil || lock == nil {
		t.Fatal(lock, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := Wait(ctx, path, cancel); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupt while waiting: %v", err)
	}
	if err := lock.Release(); err != nil {
		t.Error(err)
	}
}
