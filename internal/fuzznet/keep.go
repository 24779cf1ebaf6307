package fuzznet

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Keep writes the network of a failure into a folder, with a note of what is wrong, and returns the
// file's path. Networks that are there are run again by a test.
func Keep(dir string, f Failure) (string, error) {
	n := f.Network.clone()
	n.Note = ""
	sum := sha256.Sum256([]byte(n.String()))
	n.Note = f.Where + ": " + head(f.Text)
	path := filepath.Join(dir, hex.EncodeToString(sum[:4])+".json")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	return path, os.WriteFile(path, []byte(n.String()+"\n"), 0o666)
}

// Kept returns the networks of a folder, in the order of their files' names.
func Kept(dir string) ([]*Network, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	slices.Sort(paths)
	var list []*Network
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		n := &Network{}
		if err := json.Unmarshal(data, n); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		list = append(list, n)
	}
	return list, nil
}
