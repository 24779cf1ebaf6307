package fuzznet

import (
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

// Fault is a mistake that is put into gradc on purpose, to see that it is found.
type Fault struct {
	Name    string
	Comment string // what it is
	edits   []edit
}

// edit replaces a text that occurs once in a file.
type edit struct{ file, old, new string }

// ReadFaults reads the faults of a folder. Each is an archive of edits, whose names are files of
// the module; behind a line of ==== stands what takes the place of the text before it.
func ReadFaults(dir string) ([]Fault, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		return nil, err
	}
	var list []Fault
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			return nil, err
		}
		f := Fault{Name: strings.TrimSuffix(filepath.Base(path), ".txtar"),
			Comment: strings.TrimSpace(string(archive.Comment))}
		for _, file := range archive.Files {
			old, text, ok := strings.Cut(string(file.Data), "====\n")
			if !ok {
				return nil, fmt.Errorf("%s: %s has no line of ====", path, file.Name)
			}
			f.edits = append(f.edits, edit{file.Name, old, text})
		}
		list = append(list, f)
	}
	return list, nil
}

// Overlay writes the files that the fault changes, and returns the path of a file for go build's
// -overlay that puts them in the place of those below root. An edit that does not fit is an error.
func (f *Fault) Overlay(root, dir string) (string, error) {
	replace := map[string]string{}
	for i, e := range f.edits {
		path := filepath.Join(root, filepath.FromSlash(e.file))
		from := path
		if replace[path] != "" {
			from = replace[path]
		}
		text, err := os.ReadFile(from)
		if err != nil {
			return "", err
		}
		if n := strings.Count(string(text), e.old); n != 1 {
			return "", fmt.Errorf("fault %s: %s has %d times the text\n%s", f.Name, e.file, n, e.old)
		}
		changed := strings.Replace(string(text), e.old, e.new, 1)
		if strings.HasSuffix(path, ".go") {
			_, err := parser.ParseFile(token.NewFileSet(), e.file, changed, 0)
			if err != nil {
				return "", fmt.Errorf("fault %s: %w", f.Name, err)
			}
		}
		to := filepath.Join(dir, fmt.Sprint(i, "-", filepath.Base(path)))
		if err := os.WriteFile(to, []byte(changed), 0o666); err != nil {
			return "", err
		}
		replace[path] = to
	}
	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, data, 0o666)
}
