// Package regular opens regular files and nothing else. Opening a named pipe waits for a writer
// who may never come, and a device may have no end.
package regular

import (
	"fmt"
	"io/fs"
	"os"
)

// Open opens the regular file of a path, through links, and tells its size in bytes. Where anything
// else lies there, the error says what it is.
func Open(path string) (file *os.File, size int64, err error) {
	info, err := os.Stat(path) // before it is opened, which could wait
	if err != nil {
		return nil, 0, err
	}
	if err := check(path, info); err != nil {
		return nil, 0, err
	}
	file, err = os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	info, err = file.Stat() // of what was opened, should it have been replaced
	if err == nil {
		err = check(path, info)
	}
	if err != nil {
		file.Close()
		return nil, 0, err
	}
	return file, info.Size(), nil
}

func check(path string, info fs.FileInfo) error {
	if info.Mode().IsRegular() {
		return nil
	}
	return &fs.PathError{Op: "open", Path: path,
		Err: fmt.Errorf("it is a %s, not a regular file", Kind(info.Mode()))}
}

// Kind names what is not a regular file.
func Kind(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "directory"
	case mode&fs.ModeSymlink != 0:
		return "symbolic link"
	case mode&fs.ModeNamedPipe != 0:
		return "named pipe"
	case mode&fs.ModeSocket != 0:
		return "socket"
	case mode&fs.ModeDevice != 0:
		return "device"
	}
	return "special file"
}
