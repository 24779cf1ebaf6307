package pass_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/pass"
	"github.com/gradc/gradc/compiler/target/cpu"
	"github.com/gradc/gradc/internal/golden"
)

// passes are the passes over graphs by the name of their folder in testdata.
func passes() map[string]func(*ir.Graph) error {
	return map[string]func(*ir.Graph) error{
		"lower_plain": func(g *ir.Graph) error { return pass.LowerPlain(g, ir.Train) },
		"lower_train": func(g *ir.Graph) error { return pass.Lower(g, ir.Train) },
		"lower_infer": func(g *ir.Graph) error { return pass.Lower(g, ir.Infer) },
		"grad":        pass.Grad,
		"simplify":    pass.Simplify,
		"sign":        pass.Sign,
		"fuse":        fuse,
		"recompute":   recompute,
		"rewrite":     func(g *ir.Graph) error { return pass.Rewrite(g, cpu.New()) },
		"layout":      func(g *ir.Graph) error { return pass.Layout(g, cpu.New()) },
		"update": func(g *ir.Graph) error {
			made, err := pass.Update(g)
			if err == nil {
				*g = *made
			}
			return err
		},
	}
}

// recompute runs the pass as if a small network kept much.
func recompute(g *ir.Graph) error {
	t := cpu.New()
	t.Costs.MuchKept = 1 << 13
	return pass.Recompute(g, t)
}

// TestGolden runs each pass on the input of each of its golden files. A file begins with the
// reason for the case, then come the input, and the output or the error that is wanted.
func TestGolden(t *testing.T) {
	for name, run := range passes() {
		for _, path := range goldenFiles(t, name) {
			t.Run(strings.TrimSuffix(path, ".txtar"), func(t *testing.T) { compare(t, path, run) })
		}
	}
}

func goldenFiles(t *testing.T, folder string) []string {
	paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("pass %s has no golden files: %v", folder, err)
	}
	return paths
}

func compare(t *testing.T, path string, run func(*ir.Graph) error) {
	archive, g := readGolden(t, path)
	if reason := strings.TrimSpace(string(archive.Comment)); reason == "" {
		t.Error("the file does not begin with the reason for the case")
	}
	got := txtar.File{Name: "output"}
	if err := run(g); err != nil {
		got = txtar.File{Name: "error", Data: []byte(err.Error() + "\n")}
	} else {
		if err := ir.Check(g); err != nil {
			t.Errorf("the output is not well formed: %v", err)
		}
		got.Data = []byte(ir.Format(g))
	}
	archive.Files = append(archive.Files[:1], got)
	golden.Archive(t, path, archive)
}

// readGolden reads a golden file and parses its input.
func readGolden(t *testing.T, path string) (*txtar.Archive, *ir.Graph) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(archive.Files) == 0 || archive.Files[0].Name != "input" {
		t.Fatal("the first section is not the input")
	}
	g, err := ir.Parse(string(archive.Files[0].Data), op.All())
	if err != nil {
		t.Fatal(err)
	}
	return archive, g
}

func fuse(g *ir.Graph) error { return pass.Fuse(g, cpu.New()) }
