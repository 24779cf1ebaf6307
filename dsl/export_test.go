package dsl_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/dsl"
)

// export calls Export with funcs under their own names and reads what it writes.
func export(t *testing.T, funcs ...func() *dsl.Model) []ir.Description {
	t.Helper()
	var list []dsl.Func
	for _, f := range funcs {
		name := runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name()
		list = append(list, dsl.Func{Name: strings.TrimPrefix(filepath.Ext(name), "."), Build: f})
	}
	var b bytes.Buffer
	if err := dsl.Export(&b, list); err != nil {
		t.Fatal(err)
	}
	descriptions, err := ir.ReadDescriptions(&b)
	if err != nil {
		t.Fatal(err)
	}
	return descriptions
}

func TestExport(t *testing.T) {
	got := export(t, Simple)
	if len(got) != 1 {
		t.Fatalf("there are %d descriptions", len(got))
	}
	g, err := ir.Parse(got[0].Graph, op.All())
	if err != nil {
		t.Fatal(err)
	}
	if got[0].Graph != ir.Format(g) {
		t.Error("the graph does not read back")
	}
	if g.Pos != got[0].Pos || g.Name != got[0].Name {
		t.Errorf("the graph is named %q and from %s, its description %q and from %s",
			g.Name, g.Pos, got[0].Name, got[0].Pos)
	}
	got[0].Graph = ""
	want := ir.Description{Func: "Simple", Name: "simple", Pos: lineOf(Simple)}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// lineOf returns the file and line of a func.
func lineOf(f func() *dsl.Model) string {
	fn := runtime.FuncForPC(reflect.ValueOf(f).Pointer())
	file, line := fn.FileLine(fn.Entry())
	return fmt.Sprintf("%s:%d", filepath.Base(file), line)
}

func Simple() *dsl.Model {
	layers := dsl.Sequential(dsl.Flatten(), dsl.Linear(10))
	return dsl.New("simple", dsl.Image(1, 8, 8), layers, recipe())
}

func TestExportErrors(t *testing.T) {
	funcs := []func() *dsl.Model{
		twoMistakes, outOfRange, panicInLayer, panicInLibrary, panicWithError, panicOnLines,
		nilFunc, nilModel,
	}
	descriptions := export(t, funcs...)
	for i, f := range funcs {
		name, want := expectations(t, f)
		if got := descriptions[i]; got.Func != name || got.Pos != lineOf(f) || got.Graph != "" {
			t.Errorf("the description of %s is %+v", name, got)
		}
		if diff := cmp.Diff(want, descriptions[i].Errors); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func twoMistakes() *dsl.Model {
	return network(
		dsl.Dropout(1),
		// want: Dropout "drop1": p is 1, must be at least 0 and below 1
		dsl.Dropout(2))
	// want: Dropout "drop2": p is 2, must be at least 0 and below 1
}

func outOfRange() *dsl.Model {
	channels := []int{8}
	return network(
		dsl.Conv2D(channels[len(channels)], 3))
	// want: func outOfRange panics: runtime error: index out of range [1] with length 1
}

func panicInLayer() *dsl.Model {
	return network(dsl.ReLU(), dsl.Residual(func(x dsl.Tensor) dsl.Tensor {
		panic("not today")
		// want: func panicInLayer panics: not today
	}))
}

func panicInLibrary() *dsl.Model {
	name := strings.Repeat("a", -len(lineOf(Simple)))
	// want: func panicInLibrary panics: strings: negative Repeat count
	return network(dsl.ReLU(dsl.Name(name)))
}

func panicWithError() *dsl.Model {
	panic(errors.New("no such file"))
	// want: func panicWithError panics: no such file
}

func panicOnLines() *dsl.Model {
	panic("one\n\ttwo")
	// want: func panicOnLines panics: one two
}

func nilFunc() *dsl.Model {
	var layer dsl.Layer
	return network(func(x dsl.Tensor) dsl.Tensor {
		return layer(x)
		// want: func nilFunc panics: runtime error: invalid memory address or nil pointer
		// dereference
	})
}

func nilModel() *dsl.Model {
	// want: func nilModel returns no model
	network(dsl.ReLU())
	return nil
}

func TestExportSameName(t *testing.T) {
	got := export(t, Simple, Simple)
	want := fmt.Sprintf(`%[1]s: func Simple: its model is named "simple" like that of func Simple `+
		`at %[1]s; each needs a name of its own`, lineOf(Simple))
	if len(got[0].Errors) > 0 || got[0].Graph == "" {
		t.Errorf("the first model is refused: %q", got[0].Errors)
	}
	if diff := cmp.Diff([]string{want}, got[1].Errors); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestExportWriteError(t *testing.T) {
	want := errors.New("disk full")
	err := dsl.Export(failing{want}, []dsl.Func{{Name: "Simple", Build: Simple}})
	if !errors.Is(err, want) {
		t.Errorf("Export returns %v, want %v", err, want)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
