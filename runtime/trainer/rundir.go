package trainer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gradc/gradc/internal/lockfile"
	"github.com/gradc/gradc/runtime/atomicfile"
)

// runDir is the folder of one training's files.
type runDir string

// defaultRunDir is where a network's training goes and its weights are looked for.
func defaultRunDir(spec *Spec) runDir { return runDir(filepath.Join("runs", spec.Name)) }

// best holds the weights with the highest test accuracy, last all that a resume needs, and summary
// what the training said at its end.
func (d runDir) best() string    { return filepath.Join(string(d), "best.safetensors") }
func (d runDir) last() string    { return filepath.Join(string(d), "last.safetensors") }
func (d runDir) summary() string { return filepath.Join(string(d), "run.json") }

// lockName is the file that a training holds locked. It stays behind: a lock ends with its process,
// and removing its file would let two trainings lock two files of one name.
const lockName = ".lock"

// files are all that a training writes.
func (d runDir) files() []string { return []string{d.best(), d.last(), d.summary()} }

// resumable returns an error if there is no training to resume.
func (d runDir) resumable() error {
	if _, err := os.Stat(d.last()); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: there is no training to resume; leave out -resume", d.last())
	}
	return nil
}

// open makes the folder and takes it for one training, until release is called or the process ends.
// It removes what a training that was killed has left unfinished, and tries to write, so that a
// training does not find out at its end that it can't.
func (d runDir) open() (release func() error, err error) {
	if err := os.MkdirAll(string(d), 0o777); err != nil {
		return nil, fmt.Errorf("-run-dir: %w", err)
	}
	path := filepath.Join(string(d), lockName)
	if err := atomicfile.Check(path); err != nil {
		return nil, fmt.Errorf("-run-dir: %w", err)
	}
	lock, err := lockfile.Try(path)
	if err != nil {
		return nil, fmt.Errorf("-run-dir: locking %s: %w", path, err)
	}
	if lock == nil {
		return nil, fmt.Errorf("-run-dir %s: another training is at work there; wait for its end, "+
			"or name another directory", d)
	}
	for _, file := range d.files() {
		if err := errors.Join(atomicfile.Sweep(file), atomicfile.Probe(file)); err != nil {
			return nil, errors.Join(fmt.Errorf("-run-dir: %w", err), lock.GiveBack())
		}
	}
	return lock.GiveBack, nil
}

// keep removes the files of a training but one.
func (d runDir) keep(path string) error {
	for _, file := range d.files() {
		if file == path {
			continue
		}
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// writeSummary keeps a record as indented JSON.
func (d runDir) writeSummary(record any) error {
	text, err := json.MarshalIndent(record, "", "  ")
	if err == nil {
		err = atomicfile.Write(d.summary(), bytes.NewReader(append(text, '\n')))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", d.summary(), err)
	}
	return nil
}
