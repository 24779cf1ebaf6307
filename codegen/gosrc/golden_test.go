package gosrc_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gradc/gradc/codegen/gosrc"
	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/pass"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/target/cpu"
	"github.com/gradc/gradc/internal/golden"
)

// TestGolden emits the graph of each golden file and compares the steps' source and the helpers.
// A file begins with the reason for the case, then come the graph and the source.
func TestGolden(t *testing.T) {
	paths, err := filepath.Glob("testdata/golden/*.txtar")
	must(t, err)
	if len(paths) == 0 {
		t.Fatal("there are no golden files")
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			checkGolden(t, path)
		})
	}
}

func checkGolden(t *testing.T, path string) {
	archive, err := txtar.ParseFile(path)
	must(t, err)
	g, err := ir.Parse(string(archive.Files[0].Data), op.All())
	must(t, err)
	files := emit(t, g)
	archive.Files = archive.Files[:1]
	for _, name := range []string{"forward.go", "helpers.go"} {
		if data, ok := files[name]; ok {
			archive.Files = append(archive.Files, txtar.File{Name: name, Data: data})
		}
	}
	golden.Archive(t, path, archive)
}

// emit plans a graph of steps and emits it.
func emit(t *testing.T, g *ir.Graph) map[string][]byte {
	t.Helper()
	must(t, pass.Layout(g, cpu.New()))
	p, err := pass.Schedule(cpu.New(), g, nil, nil)
	must(t, err)
	p.Input, p.Recipe.Batch = ir.Shape{1, 1, 1, 1}, 1
	pass.Memory(p)
	must(t, pass.Nest(p))
	must(t, plan.Check(p))
	files, err := host.Files(host.Network{Plan: p, Model: g}, gosrc.Kernels(nil))
	must(t, err)
	return files
}

// TestSameBytes emits a network twice from its text.
func TestSameBytes(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/golden/conv2d.txtar")
	must(t, err)
	var runs []map[string][]byte
	for range 2 {
		g, err := ir.Parse(string(archive.Files[0].Data), op.All())
		must(t, err)
		runs = append(runs, emit(t, g))
	}
	if diff := cmp.Diff(runs[0], runs[1]); diff != "" {
		t.Error(diff)
	}
}
