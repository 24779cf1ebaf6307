package fuzznet

import (
	"errors"
	"os"
	"path/filepath"
	"sync"

	"github.com/gradc/gradc/runtime/cpu"
)

// Run says which networks are compared, and how.
type Run struct {
	Tools
	Workers int // programs that are built and run at a time, at least 1
	Batch   int // networks of a program

	// Done is called after each program with what was wrong, from one goroutine at a time. The
	// run ends early where it returns false. Nil goes on to the end.
	Done func(t Tally, failures []Failure) bool
}

// Networks compares networks in order of programs. It returns what was wrong, and how comparisons
// went. An error is trouble that is no network's.
func (r *Run) Networks(list []*Network) ([]Failure, Tally, error) {
	var (
		wait     sync.WaitGroup
		mutex    sync.Mutex
		failures []Failure
		total    Tally
		trouble  error
		ended    bool
	)
	next := 0
	take := func() []*Network {
		mutex.Lock()
		defer mutex.Unlock()
		if ended || trouble != nil || next >= len(list) {
			return nil
		}
		from := next
		next = min(len(list), next+r.Batch)
		return list[from:next]
	}
	for range max(1, r.Workers) {
		wait.Go(func() {
			for batch := take(); batch != nil; batch = take() {
				found, tally, err := r.program(batch)
				mutex.Lock()
				failures = append(failures, found...)
				total.add(tally)
				trouble = errors.Join(trouble, err)
				if r.Done != nil && !r.Done(total, found) {
					ended = true
				}
				mutex.Unlock()
			}
		})
	}
	wait.Wait()
	return failures, total, trouble
}

// program builds and compares the networks of one program.
func (r *Run) program(list []*Network) (failures []Failure, t Tally, err error) {
	dir, err := os.MkdirTemp("", "fuzznet-")
	if err != nil {
		return nil, t, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	p, failures, err := r.build(dir, list)
	if err != nil {
		return nil, t, err
	}
	levels, err := r.levels()
	if err != nil {
		return nil, t, err
	}
	var paths []*process
	for _, l := range levels {
		path := &process{path: p.path, level: l}
		defer path.close()
		paths = append(paths, path)
	}
	for _, c := range p.networks {
		failure, err := check(c, paths, &t)
		if err != nil {
			return nil, t, err
		}
		if failure != nil {
			failures = append(failures, *failure)
		}
	}
	return failures, t, nil
}

// levels returns the code paths to run: where races are looked for, that which has no assembly.
func (t *Tools) levels() ([]cpu.Level, error) {
	list, err := Levels()
	if err == nil && t.Race {
		list = list[:1]
	}
	return list, err
}

// FindRoot returns the folder of this module, at or above the current one.
func FindRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if filepath.Dir(dir) == dir {
			return "", errors.New("no go.mod here or above; run this in gradc's module")
		}
		dir = filepath.Dir(dir)
	}
}
