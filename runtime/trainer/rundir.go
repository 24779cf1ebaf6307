package trainer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/natefinch/atomic"
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

// create makes the folder and tries to write to it, so that a training does not find out at its
// end that it can't.
func (d runDir) create() error {
	if err := os.MkdirAll(string(d), 0o777); err != nil {
		return fmt.Errorf("-run-dir: %w", err)
	}
	probe, err := os.CreateTemp(string(d), ".probe-*")
	if err != nil {
		return fmt.Errorf("-run-dir: %w", err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// clear removes what an earlier training left.
func (d runDir) clear() error {
	for _, path := range []string{d.best(), d.last(), d.summary()} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// writeSummary keeps a record as indented JSON.
func (d runDir) writeSummary(record any) error {
	text, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", d.summary(), err)
	}
	// By way of a second file, so that a full disk leaves no half of it.
	next := d.summary() + ".next"
	err = os.WriteFile(next, append(text, '\n'), 0o666)
	if err == nil {
		err = atomic.ReplaceFile(next, d.summary())
	}
	if err != nil {
		return errors.Join(fmt.Errorf("%s: %w", d.summary(), err), os.Remove(next))
	}
	return nil
}
