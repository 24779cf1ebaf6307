// Package lockfile lets processes take turns. A lock is a file that the system locks, so that a
// process that is killed does not keep its turn; the file goes with the lock.
package lockfile

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gofrs/flock"
)

// Lock is a lock that this process holds.
type Lock struct{ file *flock.Flock }

// Try takes the lock of the path, or returns nil if another process holds it. The path's folder
// must be there.
func Try(path string) (*Lock, error) {
	for {
		file := flock.New(path, flock.SetPermissions(0o666))
		held, err := file.TryLock()
		if err != nil || !held {
			return nil, errors.Join(err, file.Close())
		}
		if named(file, path) {
			return &Lock{file}, nil
		}
		if err := file.Close(); err != nil {
			return nil, err
		}
	}
}

// named reports whether a locked file is still the one of the path, and not one that its last
// holder removed after it was opened here.
func named(file *flock.Flock, path string) bool {
	ours, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(ours, there)
}

// pollEvery is how long Wait waits between two tries.
const pollEvery = 50 * time.Millisecond

// Wait makes the path's folder and takes the lock as soon as no other process holds it, or ends
// with the context. It calls waiting once if it has to wait.
func Wait(ctx context.Context, path string, waiting func()) (*Lock, error) {
	for {
		if err := makeFolder(filepath.Dir(path)); err != nil {
			return nil, err
		}
		lock, err := Try(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // another process removed the folder
			return nil, err
		}
		if lock != nil {
			return lock, nil
		}
		if err == nil && waiting != nil {
			waiting()
			waiting = nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pollEvery):
		}
	}
}

// makeFolder is os.MkdirAll, which reports a folder that others make and remove meanwhile: as there
// when it makes it, and as gone when it looks. Then Try finds out.
func makeFolder(dir string) error {
	err := os.MkdirAll(dir, 0o777)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if info, missing := os.Lstat(dir); missing != nil || info.IsDir() {
		return nil
	}
	return err
}

// Release removes the lock's file and gives the lock back.
func (l *Lock) Release() error {
	if runtime.GOOS == "windows" { // which keeps open files, also those that others have open
		err := l.file.Close()
		_ = os.Remove(l.file.Path())
		return err
	}
	return errors.Join(os.Remove(l.file.Path()), l.file.Close())
}

// GiveBack gives the lock back and leaves its file, for a later process to find.
func (l *Lock) GiveBack() error { return l.file.Close() }
