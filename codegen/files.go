package codegen

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/natefinch/atomic"
	"github.com/rogpeppe/go-internal/diff"
)

// File is a file of an emitted package.
type File struct {
	Name string // without a folder
	Data []byte
}

// change is what must happen to one file of a folder.
type change struct {
	name     string
	old, new []byte // nil where there is none
}

// changes compares a folder with what it should hold, by name. Files that gradc did not write
// are no part of it, unless one stands in the way: that is an error. A folder that shall hold no
// files loses its manifest as well.
func changes(dir string, files []File) ([]change, error) {
	manifest, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	var list []change
	wanted := map[string]bool{}
	for _, f := range files {
		wanted[f.Name] = true
		path := filepath.Join(dir, f.Name)
		old, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		ours := manifest.owns(f.Name)
		if old != nil && !ours && !bytes.Equal(old, f.Data) {
			return nil, fmt.Errorf("%s is in the way and was not written by gradc: "+
				"move it, or name another folder with -out", path)
		}
		if old == nil || !bytes.Equal(old, f.Data) {
			list = append(list, change{f.Name, old, f.Data})
		}
	}
	for _, name := range append(manifest.Files, ManifestName) {
		if wanted[name] || !manifest.owns(name) {
			continue
		}
		old, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, change{name, old, nil})
	}
	slices.SortFunc(list, func(a, b change) int { return strings.Compare(a.name, b.name) })
	return list, nil
}

// Stale returns the names of files that Write would change or remove, sorted.
func Stale(dir string, files []File) ([]string, error) {
	list, err := changes(dir, files)
	names := make([]string, len(list))
	for i, c := range list {
		names[i] = c.name
	}
	return names, err
}

// Diff returns what Write would change, as a unified diff; it is empty if nothing would.
func Diff(dir string, files []File) (string, error) {
	list, err := changes(dir, files)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	for _, c := range list {
		path := strings.TrimPrefix(filepath.ToSlash(filepath.Join(dir, c.name)), "/")
		out.Write(diff.Diff("a/"+path, c.old, "b/"+path, c.new))
	}
	return out.String(), nil
}

// Write brings a folder up to date: it writes the files that changed and removes those of an
// earlier run that are no longer needed, and the folder if it is empty then. New contents are
// complete on the disk before the first file is replaced, so that an error leaves the folder as it
// was. It returns the names of the files it touched.
func Write(dir string, files []File) ([]string, error) {
	list, err := changes(dir, files)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	defer os.Remove(dir) // which fails if there is anything in it
	stage, err := os.MkdirTemp(dir, ".gradc-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(stage)
	for _, c := range list {
		if c.new == nil {
			continue
		}
		if err := os.WriteFile(filepath.Join(stage, c.name), c.new, 0o666); err != nil {
			return nil, fmt.Errorf("writing %s: %w", filepath.Join(dir, c.name), err)
		}
	}
	var touched []string
	for _, c := range list {
		path := filepath.Join(dir, c.name)
		if c.new == nil {
			err = os.Remove(path)
		} else {
			err = atomic.ReplaceFile(filepath.Join(stage, c.name), path)
		}
		if err != nil {
			return touched, err
		}
		touched = append(touched, c.name)
	}
	return touched, nil
}
