package dsl

import (
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"

	"github.com/gradc/gradc/compiler/ir"
)

// Func is a func that describes a network, and its name.
type Func struct {
	Name  string
	Build func() *Model
}

// Export calls funcs and writes what they describe to w, for [ir.ReadDescriptions]. Mistakes in
// the descriptions, panics of funcs included, are part of what it writes; it returns errors of
// writing. Programs that gradc makes call it; there is no need to do so otherwise.
func Export(w io.Writer, funcs []Func) error {
	var list []ir.Description
	models := map[string]ir.Description{}
	for _, f := range funcs {
		d := f.describe()
		if other, taken := models[d.Name]; taken && d.Name != "" {
			d.fail("func %s: its model is named %q like that of func %s at %s; "+
				"each needs a name of its own", f.Name, d.Name, other.Func, other.Pos)
		}
		models[d.Name] = d.Description
		list = append(list, d.Description)
	}
	return ir.WriteDescriptions(w, list)
}

// description is an ir.Description in the making.
type description struct{ ir.Description }

// fail notes an error at the func itself.
func (d *description) fail(format string, args ...any) {
	d.Graph = ""
	d.Errors = append(d.Errors, d.Pos+": "+fmt.Sprintf(format, args...))
}

// describe calls the func.
func (f Func) describe() (d description) {
	entry := runtime.FuncForPC(reflect.ValueOf(f.Build).Pointer())
	file, line := entry.FileLine(entry.Entry())
	d.Description = ir.Description{Func: f.Name, Pos: positionOf(file, line).String()}
	defer func() {
		if v := recover(); v != nil {
			pos := panicPosition(entry.Name())
			text := strings.Join(strings.Fields(fmt.Sprint(v)), " ")
			d.Errors = []string{fmt.Sprintf("%s: func %s panics: %s", pos, f.Name, text)}
		}
	}()
	model := f.Build()
	if model == nil {
		d.fail("func %s returns no model", f.Name)
		return d
	}
	d.Name = model.graph.Name
	graph, err := model.Graph()
	if err != nil {
		d.Errors = strings.Split(err.Error(), "\n")
		return d
	}
	graph.Pos = d.Pos
	d.Graph = ir.Format(graph)
	return d
}

// panicPosition returns the innermost line of the user's package that a panic passed through, or
// of the func itself. It is to be called by a deferred func.
func panicPosition(entry string) position {
	callers := make([]uintptr, 100)
	frames := runtime.CallersFrames(callers[:runtime.Callers(0, callers)])
	for {
		frame, more := frames.Next()
		if packageOf(frame.Function) == packageOf(entry) {
			return positionOf(frame.File, frame.Line)
		}
		if !more {
			return position{file: "unknown"}
		}
	}
}

// packageOf returns the path of a func's package: host/a/b of host/a/b.F.func1.
func packageOf(function string) string {
	slash := strings.LastIndexByte(function, '/') + 1
	name, _, _ := strings.Cut(function[slash:], ".")
	return function[:slash] + name
}
