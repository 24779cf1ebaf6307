// Package atomicfile writes files that appear whole or not at all. The contents go to a temporary
// file beside the target, which then takes the target's name. Its own name, target.RANDOM.next, is
// new, and it is created exclusively, so that no two writers share it and no link is followed.
package atomicfile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/natefinch/atomic"

	"github.com/gradc/gradc/internal/regular"
)

// Check returns an error if something else than a regular file lies at path: a link, a device or a
// directory is not to be replaced by a file. Nothing at all may lie there.
func Check(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "replace", Path: path,
			Err: fmt.Errorf("it is a %s, not a regular file", regular.Kind(info.Mode()))}
	}
	return err
}

// Write puts a file with that content at path, in place of the regular file there, if any. A new
// file has the usual mode, 0666 less the umask; one that is replaced passes on its mode where the
// file system allows that. After an error nothing has changed.
func Write(path string, content io.Reader) error {
	if err := Check(path); err != nil {
		return err
	}
	mode, old := fs.FileMode(0o666), false
	if info, err := os.Stat(path); err == nil {
		mode, old = info.Mode().Perm(), true
	}
	file, err := create(path, mode)
	if err != nil {
		return err
	}
	next := file.Name()
	if old {
		_ = file.Chmod(mode) // the umask may have taken away from it; the content matters more
	}
	if _, err = io.Copy(file, content); err == nil {
		err = file.Sync() // else a crash could leave the new name with nothing behind it
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = atomic.ReplaceFile(next, path)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(next))
	}
	return err
}

// Probe returns an error if no file can be written to path: it makes a temporary file and removes
// it.
func Probe(path string) error {
	if err := Check(path); err != nil {
		return err
	}
	file, err := create(path, 0o666)
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// create makes a temporary file for the target path.
func create(path string, mode fs.FileMode) (*os.File, error) {
	return os.OpenFile(path+"."+rand.Text()+suffix, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
}

// suffix ends the names of temporary files.
const suffix = ".next"

// temporary matches what Write appends to the name of its target.
var temporary = regexp.MustCompile(`^\.[A-Z2-7]{26}\.next$`)

// Sweep removes the temporary files that writers of path have left behind when they were killed.
// Those of a writer at work are removed as well: it fails.
func Sweep(path string) error {
	dir, base := filepath.Split(path)
	entries, err := os.ReadDir(filepath.Clean(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, entry := range entries {
		name := entry.Name()
		if len(name) > len(base) && name[:len(base)] == base &&
			temporary.MatchString(name[len(base):]) {
			err = errors.Join(err, os.Remove(filepath.Join(dir, name)))
		}
	}
	return err
}
