package dsl

import (
	"cmp"
	"fmt"
	"path/filepath"
	"runtime"
)

// position is a line of the user's source.
type position struct {
	file string // base name: the folder is the model's
	line int
}

// callerAt returns the position skip frames above its caller.
func callerAt(skip int) position {
	_, file, line, ok := runtime.Caller(skip + 1)
	if !ok {
		return position{file: "unknown"}
	}
	return positionOf(file, line)
}

func positionOf(file string, line int) position { return position{filepath.Base(file), line} }

// String returns net.go:23.
func (p position) String() string { return fmt.Sprintf("%s:%d", p.file, p.line) }

func (p position) compare(q position) int {
	return cmp.Or(cmp.Compare(p.file, q.file), cmp.Compare(p.line, q.line))
}
