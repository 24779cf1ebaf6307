package codegen

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/natefinch/atomic"
)

// stageName is the folder in a network's folder where new contents wait until all are there.
const stageName = ".gradc-stage"

// Write brings a folder up to date: it writes the files that changed and removes those of an
// earlier run that are no longer needed, and the folder if it is empty then. It returns the names
// of the files it touched.
//
// New contents are complete on the disk before the first file is replaced, so that an error leaves
// the folder as it was. A process that is killed leaves a folder whose manifest owns every file
// that gradc wrote, and perhaps a stage: the next Write finishes. Only one process may write at a
// time.
func Write(dir string, files []File) ([]string, error) {
	return write(dir, files, func() {})
}

// Unfinished returns the folders in parent in which a killed Write has left a stage.
func Unfinished(parent string) []string {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return nil // there is nothing, or writing will tell
	}
	var list []string
	for _, e := range entries {
		dir := filepath.Join(parent, e.Name())
		if _, err := os.Lstat(filepath.Join(dir, stageName)); err == nil {
			list = append(list, dir)
		}
	}
	return list
}

// Clean removes what a killed Write has left besides files: a stage, and the folder if that is all
// that there was in it.
func Clean(dir string) error {
	w := writer{dir, func() {}}
	return w.clean()
}

// writer changes the files of a folder.
type writer struct {
	dir    string
	before func() // is called before each operation on files
}

func write(dir string, files []File, before func()) ([]string, error) {
	list, err := changes(dir, files)
	if err != nil {
		return nil, err
	}
	w := writer{dir, before}
	if len(list) == 0 {
		return nil, w.clean()
	}
	if err := w.apply(list, files); err != nil {
		return nil, errors.Join(err, w.clean())
	}
	names := make([]string, len(list))
	for i, c := range list {
		names[i] = c.name
	}
	return names, w.clean()
}

// removeStage removes the stage, if there is one.
func (w writer) removeStage() error {
	w.before()
	return os.RemoveAll(filepath.Join(w.dir, stageName))
}

func (w writer) clean() error {
	if err := w.removeStage(); err != nil {
		return err
	}
	w.before()
	if info, err := os.Lstat(w.dir); err == nil && info.IsDir() { // not the user's link to one
		_ = os.Remove(w.dir) // which fails if there is anything in it
	}
	return nil
}

// apply stages new contents, has the manifest claim the files that are added, and puts all in
// place. The manifest comes last, as it is the only one that tells whose the others are.
func (w writer) apply(list []change, files []File) error {
	claim, err := claimOf(w.dir, files)
	if err != nil {
		return err
	}
	if err := w.removeStage(); err != nil {
		return err
	}
	w.before()
	if err := os.MkdirAll(filepath.Join(w.dir, stageName), 0o777); err != nil {
		return err
	}
	if claim != nil {
		if err := w.stage("claim", claim); err != nil {
			return err
		}
	}
	for _, c := range list {
		if c.new == nil {
			continue
		}
		if err := w.stage(c.name, c.new); err != nil {
			return err
		}
	}
	if claim != nil {
		if err := w.place("claim", ManifestName); err != nil {
			return err
		}
	}
	manifestLast := func(a, b change) int {
		switch ManifestName {
		case a.name:
			return 1
		case b.name:
			return -1
		}
		return 0
	}
	for _, c := range slices.SortedStableFunc(slices.Values(list), manifestLast) {
		if err := w.replace(c); err != nil {
			return err
		}
	}
	return nil
}

// claimOf returns a manifest that owns the files in the folder and those to come, or nil if the
// one in the folder does.
func claimOf(dir string, files []File) ([]byte, error) {
	old, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(files, func(f File) bool { return f.Name == ManifestName })
	if at < 0 {
		return nil, nil // nothing is added
	}
	var claim Manifest
	if err := json.Unmarshal(files[at].Data, &claim); err != nil {
		return nil, fmt.Errorf("the new %s: %w", ManifestName, err)
	}
	if !slices.ContainsFunc(claim.Files, func(name string) bool { return !old.owns(name) }) {
		return nil, nil
	}
	claim.Files = append(claim.Files, old.Files...)
	slices.Sort(claim.Files)
	claim.Files = slices.Compact(claim.Files)
	return claim.text()
}

// stage writes new contents into the stage.
func (w writer) stage(name string, data []byte) error {
	w.before()
	if err := os.WriteFile(filepath.Join(w.dir, stageName, name), data, 0o666); err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Join(w.dir, name), err)
	}
	return nil
}

// place moves a file from the stage into the folder.
func (w writer) place(staged, name string) error {
	w.before()
	return atomic.ReplaceFile(filepath.Join(w.dir, stageName, staged), filepath.Join(w.dir, name))
}

func (w writer) replace(c change) error {
	if c.new != nil {
		return w.place(c.name, c.name)
	}
	w.before()
	return os.Remove(filepath.Join(w.dir, c.name))
}
