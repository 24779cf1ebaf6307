package codegen

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/natefinch/atomic"
	"github.com/rogpeppe/go-internal/diff"
)

// File is a file of an emitted package.
type File struct {
	Name string // without a folder
	Data []byte
}

// ManifestName is the file that lists what gradc wrote into a folder, so that it touches nothing
// else there.
const ManifestName = "manifest.json"

// Manifest is the content of the file ManifestName.
type Manifest struct {
	Gradc   string   `json:"gradc"`   // version
	Network string   `json:"network"` // name
	Source  string   `json:"source"`  // file:line of the description
	Graph   string   `json:"graph"`   // SHA-256 of the model's text form
	Files   []string `json:"files"`   // all but the manifest, sorted
}

// readManifest returns the manifest of a folder, an empty one if it has none.
func readManifest(dir string) (Manifest, error) {
	var m Manifest
	path := filepath.Join(dir, ManifestName)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("%s: %w; remove the folder and generate again", path, err)
	}
	for _, name := range m.Files {
		if name != filepath.Base(name) {
			return m, fmt.Errorf("%s: %q is not a file of this folder; "+
				"remove the folder and generate again", path, name)
		}
	}
	return m, nil
}

// change is what must happen to one file of a folder.
type change struct {
	name     string
	old, new []byte // nil where there is none
}

// changes compares a folder with what it should hold, by name. Files that gradc did not write
// are no part of it, unless one stands in the way: that is an error.
func changes(dir string, files []File) ([]change, error) {
	manifest, err := readManifest(dir)
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
		ours := f.Name == ManifestName || slices.Contains(manifest.Files, f.Name)
		if old != nil && !ours && !bytes.Equal(old, f.Data) {
			return nil, fmt.Errorf("%s is in the way and was not written by gradc: "+
				"move it, or name another folder with -out", path)
		}
		if old == nil || !bytes.Equal(old, f.Data) {
			list = append(list, change{f.Name, old, f.Data})
		}
	}
	for _, name := range manifest.Files {
		if wanted[name] {
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
	slices.SortFunc(list, func(a, b change) int { return bytes.Compare([]byte(a.name), []byte(b.name)) })
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
		path := filepath.ToSlash(filepath.Join(dir, c.name))
		out.Write(diff.Diff("a/"+path, c.old, "b/"+path, c.new))
	}
	return out.String(), nil
}

// Write brings a folder up to date: it writes the files that changed and removes those of an
// earlier run that are no longer needed. New contents are complete on the disk before the first
// file is replaced, so that an error leaves the folder as it was. It returns the names of the
// files it touched.
func Write(dir string, files []File) ([]string, error) {
	list, err := changes(dir, files)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
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
