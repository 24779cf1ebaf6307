package data

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gradc/gradc/internal/quote"
	"github.com/gradc/gradc/internal/regular"
)

// A Listing is the pictures of folders. Files are taken for pictures by their contents (PNG, JPEG,
// GIF), or by their names, so that a damaged picture is not overlooked. Links are followed, hidden
// files and folders are not listed.
type Listing struct {
	Files   []string // those of each folder in the order of their names
	skipped [skipReasons][]string
}

// Why something in a folder is not listed.
const (
	skipHidden = iota
	skipOther
	skipSpecial
	skipUnreadable
	skipLoop
	skipOutside
	skipReasons // how many there are
)

// Add lists the pictures in and below a folder. Each folder below it is listed once, though links
// may lead there in several ways.
func (l *Listing) Add(dir string) error {
	real, err := realPath(dir)
	if err != nil {
		return err
	}
	return l.folder(dir, real, map[string]bool{real: true})
}

// Skipped tells what was not listed and why, naming the first files of each sort. It is empty if
// nothing was.
func (l *Listing) Skipped() string {
	reasons := [skipReasons]string{"hidden", "not PNG, JPEG or GIF", "not regular files",
		"not readable", "links to folders that are listed already", "outside the class folders"}
	var parts []string
	for i, paths := range l.skipped {
		if len(paths) == 0 {
			continue
		}
		names := make([]string, 0, maxNamed)
		for _, path := range paths[:min(len(paths), maxNamed)] {
			names = append(names, quote.Name(path))
		}
		list := strings.Join(names, ", ")
		if more := len(paths) - maxNamed; more > 0 {
			list += fmt.Sprintf(" and %d more", more)
		}
		parts = append(parts, fmt.Sprintf("%d %s (%s)", len(paths), reasons[i], list))
	}
	if parts == nil {
		return ""
	}
	return "skipped " + strings.Join(parts, ", ")
}

func (l *Listing) skip(reason int, path string) {
	l.skipped[reason] = append(l.skipped[reason], path)
}

// folder lists what is in a folder, whose path without links is real. The folders listed so far
// are seen.
func (l *Listing) folder(dir, real string, seen map[string]bool) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		target, mode := filepath.Join(real, entry.Name()), entry.Type()
		if hidden(path) {
			l.skip(skipHidden, path)
			continue
		}
		if mode&fs.ModeSymlink != 0 {
			if info, err := os.Stat(path); err == nil {
				mode = info.Mode()
			}
			if mode.IsDir() {
				if target, err = realPath(path); err != nil {
					return err
				}
			}
		}
		switch {
		case !mode.IsDir():
			l.file(path, mode)
		case seen[target] || isWithin(real, target):
			l.skip(skipLoop, path)
		default:
			seen[target] = true
			if err := l.folder(path, target, seen); err != nil {
				return err
			}
		}
	}
	return nil
}

// file lists a file of that mode, or skips it.
func (l *Listing) file(path string, mode fs.FileMode) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".png", ".jpg", ".jpeg", ".gif":
		l.Files = append(l.Files, path)
		return
	}
	switch picture, err := beginsLikePicture(path); {
	case picture:
		l.Files = append(l.Files, path)
	case err == nil:
		l.skip(skipOther, path)
	case mode.IsRegular() || mode&fs.ModeSymlink != 0:
		l.skip(skipUnreadable, path)
	default:
		l.skip(skipSpecial, path)
	}
}

// beginsLikePicture looks at the first bytes of a file.
func beginsLikePicture(path string) (bool, error) {
	f, _, err := regular.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	var start [8]byte
	n, err := io.ReadFull(f, start[:])
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return false, err
	}
	for _, magic := range []string{"\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "GIF87a", "GIF89a"} {
		if strings.HasPrefix(string(start[:n]), magic) {
			return true, nil
		}
	}
	return false, nil
}

// hidden tells whether a file is hidden, as its name says.
func hidden(path string) bool { return strings.HasPrefix(filepath.Base(path), ".") }

// realPath is an absolute path without links.
func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(path)
}

// isWithin tells whether a folder is another one, or lies in it. Both are real paths.
func isWithin(folder, other string) bool {
	rest, err := filepath.Rel(other, folder)
	return err == nil && filepath.IsLocal(rest)
}
