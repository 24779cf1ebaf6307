package op_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/scalar"
)

// field is a field of a row and whether it is set.
type field struct {
	name string
	set  bool
}

func fields(row *ir.Op) []field {
	return []field{
		{"Name", row.Name != ""}, {"Doc", row.Doc != ""}, {"Shape", row.Shape != nil},
		{"Grad", row.Grad != nil}, {"Body", row.Body != nil}, {"Ref", row.Ref != nil},
		{"Flops", row.Flops != nil}, {"Expand", row.Expand != nil}, {"Sample", row.Sample != nil},
		{"Known", row.Known != nil}, {"Sign", row.Sign != nil}, {"Internal", row.Internal},
	}
}

// needs lists what a row of each kind must have, and may lists what it can have besides.
var needs = map[ir.Kind]struct{ must, may string }{
	ir.Source:    {"Name Doc Shape", ""},
	ir.View:      {"Name Doc Shape Grad Sample", ""},
	ir.Map:       {"Name Doc Shape Body Sample", "Grad Sign Known"},
	ir.Reduce:    {"Name Doc Shape Grad Body Sample", "Known"},
	ir.Kernel:    {"Name Doc Shape Grad Ref Flops Sample", "Internal Known"},
	ir.Composite: {"Name Doc Shape Expand Sample", "Grad Known"},
}

// faults names the fields that a row lacks or has in vain.
func faults(row *ir.Op) []string {
	need := needs[row.Kind]
	must, may := strings.Fields(need.must), strings.Fields(need.may)
	if row.Internal {
		must = slices.DeleteFunc(must, func(s string) bool { return s == "Grad" })
	}
	var list []string
	for _, f := range fields(row) {
		switch needed := slices.Contains(must, f.name); {
		case needed && !f.set:
			list = append(list, "lacks "+f.name)
		case f.set && !needed && !slices.Contains(may, f.name):
			list = append(list, "has no use for "+f.name)
		}
	}
	return list
}

func TestRowsAreComplete(t *testing.T) {
	for name, row := range op.All() {
		if name != row.Name {
			t.Errorf("%s stands in the table as %s", row.Name, name)
		}
		for _, fault := range faults(row) {
			t.Errorf("%s %s", name, fault)
		}
	}
}

func TestFaultsAreNamed(t *testing.T) {
	broken := ir.Op{Name: "conv3d", Kind: ir.Kernel, Internal: true,
		Grad:  func(*ir.Builder, *ir.Value, *ir.Value) []*ir.Value { return nil },
		Body:  func(ir.Attrs) *scalar.Expr { return nil },
		Shape: func([]ir.Type, ir.Attrs) (ir.Type, error) { return ir.Type{}, nil },
		Flops: func([]ir.Type, ir.Type, ir.Attrs) int64 { return 1 }}
	want := []string{"lacks Doc", "has no use for Grad", "has no use for Body", "lacks Ref",
		"lacks Sample"}
	if diff := cmp.Diff(want, faults(&broken)); diff != "" {
		t.Errorf("faults of a broken row (-want +got):\n%s", diff)
	}
}

// TestTableIsWhole finds what the package builds operations with: each such func stands in the table
// once, and no two give the same name.
func TestTableIsWhole(t *testing.T) {
	set := token.NewFileSet()
	paths, err := filepath.Glob("*.go")
	must(t, err)
	listed, built := map[string]int{}, map[string]bool{}
	for _, path := range paths {
		file, err := parser.ParseFile(set, path, nil, 0)
		must(t, err)
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && buildsOp(f) {
				built[f.Name.Name] = true
			}
		}
		if path == "all.go" {
			ast.Inspect(file, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					listed[fmt.Sprint(call.Fun)]++
				}
				return true
			})
		}
	}
	if len(op.All()) != len(built) {
		t.Errorf("the table has %d operations, of %d that are built: two have one name",
			len(op.All()), len(built))
	}
	for name := range built {
		if listed[name] != 1 {
			t.Errorf("%s stands %d times in all.go", name, listed[name])
		}
	}
}

// buildsOp reports whether a func takes nothing and returns an operation.
func buildsOp(f *ast.FuncDecl) bool {
	if f.Type.Params.NumFields() > 0 || f.Type.Results.NumFields() != 1 {
		return false
	}
	pointer, ok := f.Type.Results.List[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	typ, ok := pointer.X.(*ast.SelectorExpr)
	return ok && typ.Sel.Name == "Op"
}

// TestTrainingAttributes changes attributes that are said to mean nothing in evaluation.
func TestTrainingAttributes(t *testing.T) {
	found := 0
	for _, row := range op.All() {
		for _, spec := range row.Attrs {
			if !spec.Training {
				continue
			}
			found++
			evaluation := func(value float64) string {
				r := rand.New(rand.NewPCG(1, 2))
				s := row.Sample(r)
				s.Attrs[spec.Name] = value
				return ir.Format(newUse(t, row, s, r).forward(t, ir.Infer))
			}
			if diff := cmp.Diff(evaluation(0.25), evaluation(0.75)); diff != "" {
				t.Errorf("%s of %s shows in evaluation:\n%s", spec.Name, row.Name, diff)
			}
		}
	}
	if found == 0 {
		t.Error("no operation has such an attribute")
	}
}
