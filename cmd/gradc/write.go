package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/gradc/gradc/codegen"
	"github.com/gradc/gradc/internal/lockfile"
)

// lockName is the lock in a folder of networks while gradc writes there.
const lockName = ".gradc.lock"

// writeAll brings the networks' folders up to date. It looks at all of them before it writes to
// the first. Where several runs write into one folder of networks, each waits for its turn.
func writeAll(ctx context.Context, networks []network, log io.Writer) (err error) {
	parents := parentsOf(networks)
	if upToDate(parents, networks) { // in which case the folder need not be one to write into
		return logAll(networks, make([]int, len(networks)), log)
	}
	for _, parent := range parents { // in their order, so that no two runs wait for each other
		_, none := os.Lstat(parent)
		lock, waitErr := lockfile.Wait(ctx, filepath.Join(parent, lockName), func() {
			fmt.Fprintf(log, "%s: waiting for another gradc that writes there\n", relative(parent))
		})
		if waitErr != nil {
			return waitErr
		}
		defer func() {
			err = errors.Join(err, lock.Release())
			if errors.Is(none, fs.ErrNotExist) {
				_ = os.Remove(parent) // which fails if there is anything in it
			}
		}()
	}
	changed, err := writeLocked(parents, networks)
	if err != nil {
		return err
	}
	return logAll(networks, changed, log)
}

// upToDate reports whether there is nothing to write, nobody who does, and nothing left of a run
// that was killed.
func upToDate(parents []string, networks []network) bool {
	for _, parent := range parents {
		_, err := os.Lstat(filepath.Join(parent, lockName))
		if err == nil || len(codegen.Unfinished(parent)) > 0 {
			return false
		}
	}
	return !slices.ContainsFunc(networks, func(n network) bool {
		stale, err := codegen.Stale(n.dir, n.files)
		return err != nil || len(stale) > 0
	})
}

// writeLocked writes the networks and returns how many files of each have changed.
func writeLocked(parents []string, networks []network) ([]int, error) {
	for _, n := range networks {
		if err := n.checkOwner(); err != nil { // again, as others may have written
			return nil, err
		}
		if _, err := codegen.Stale(n.dir, n.files); err != nil {
			return nil, err
		}
	}
	changed := make([]int, len(networks))
	for i, n := range networks {
		names, err := codegen.Write(n.dir, n.files)
		if err != nil {
			return nil, err
		}
		changed[i] = len(names)
	}
	for _, parent := range parents {
		for _, dir := range codegen.Unfinished(parent) { // of networks that are none of these
			if err := codegen.Clean(dir); err != nil {
				return nil, err
			}
		}
	}
	return changed, nil
}

func logAll(networks []network, changed []int, log io.Writer) error {
	for i, n := range networks {
		said := fmt.Sprintf("%d files changed", changed[i])
		switch {
		case len(n.files) == 0:
			said = "removed"
		case changed[i] == 0:
			said = "up to date"
		}
		if _, err := fmt.Fprintf(log, "%s: %s\n", relative(n.dir), said); err != nil {
			return err
		}
	}
	return nil
}

// parentsOf returns the folders that hold the networks' folders, sorted.
func parentsOf(networks []network) []string {
	var parents []string
	for _, n := range networks {
		parents = append(parents, filepath.Dir(n.dir))
	}
	slices.Sort(parents)
	return slices.Compact(parents)
}
