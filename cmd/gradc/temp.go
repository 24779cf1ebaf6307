package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gradc/gradc/internal/lockfile"
)

// Names of temporary folders begin with tempPrefix. Beside each lies its lock.
const (
	tempPrefix = "gradc-"
	lockSuffix = ".lock"
)

// tempFolder makes a folder that goes with this run, and removes those of runs that were killed.
func tempFolder() (dir string, remove func(), err error) {
	sweep(os.TempDir())
	dir = filepath.Join(os.TempDir(), tempPrefix+rand.Text())
	// The lock comes first, so that nobody ever sees the folder of a run that is alive without it.
	lock, err := lockfile.Try(dir + lockSuffix)
	if err == nil && lock == nil {
		err = fs.ErrExist // which does not happen to a random name
	}
	if err != nil {
		return "", nil, fmt.Errorf("a temporary folder is needed: %w", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", nil, errors.Join(fmt.Errorf("a temporary folder is needed: %w", err), lock.Release())
	}
	return dir, func() { removeLocked(dir, lock) }, nil
}

// sweep removes temporary folders whose runs are dead. What it cannot remove, another user's for
// example, stays for others.
func sweep(parent string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return // making a folder there will tell
	}
	for _, e := range entries {
		name, isLock := strings.CutSuffix(e.Name(), lockSuffix)
		if !isLock || !strings.HasPrefix(name, tempPrefix) || !e.Type().IsRegular() {
			continue
		}
		dir := filepath.Join(parent, name)
		if lock, err := lockfile.Try(dir + lockSuffix); err == nil && lock != nil {
			removeLocked(dir, lock)
		}
	}
}

// removeLocked removes a folder, then its lock, which stays where the folder does: Windows keeps
// programs that run.
func removeLocked(dir string, lock *lockfile.Lock) {
	if err := os.RemoveAll(dir); err != nil {
		_ = lock.GiveBack()
		return
	}
	_ = lock.Release()
}
