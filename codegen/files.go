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
		old, err := readText(path)
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
		old, err := readText(filepath.Join(dir, name))
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

// readText reads a file as it was written: git may have given its lines the ends of another system.
func readText(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), nil
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
