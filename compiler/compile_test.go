package compiler_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gradc/gradc/compiler"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/target/cpu"
	"github.com/gradc/gradc/internal/golden"
)

const goldenFile = "testdata/residual.txtar"

// model returns the network of the golden file.
func model(t *testing.T) *ir.Graph {
	t.Helper()
	archive, err := txtar.ParseFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	g, err := ir.Parse(string(archive.Files[0].Data), op.All())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func compile(t *testing.T, g *ir.Graph) *compiler.Result {
	t.Helper()
	r, err := compiler.Compile(g, cpu.New())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestStages compares the graphs on the way with the golden file.
func TestStages(t *testing.T) {
	r := compile(t, model(t))
	archive, err := txtar.ParseFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	archive.Files = archive.Files[:1]
	for _, stage := range []struct {
		name  string
		graph *ir.Graph
	}{
		{"grad", r.Grad},     // backward values follow the model, composites with a rule are whole
		{"train", r.Train},   // what forward and backward share is there once, maps are fused
		{"infer", r.Infer},   // running statistics, no dropout, no loss
		{"update", r.Update}, // the numbers of the recipe are constants
	} {
		text := []byte(ir.Format(stage.graph))
		archive.Files = append(archive.Files, txtar.File{Name: stage.name, Data: text})
	}
	golden.Archive(t, goldenFile, archive)
}

func TestCompileLeavesTheModel(t *testing.T) {
	g := model(t)
	before := ir.Format(g)
	r := compile(t, g)
	if diff := cmp.Diff(before, ir.Format(r.Model)); diff != "" {
		t.Errorf("the model changed (-want +got):\n%s", diff)
	}
}

func TestCompileIsDeterministic(t *testing.T) {
	text := func() string {
		r := compile(t, model(t))
		return ir.Format(r.Grad) + ir.Format(r.Train) + ir.Format(r.Infer) + ir.Format(r.Update)
	}
	first := text()
	for range 10 {
		if diff := cmp.Diff(first, text()); diff != "" {
			t.Fatalf("two compilations differ (-first +second):\n%s", diff)
		}
	}
}

func TestCompileErrors(t *testing.T) {
	for _, c := range []struct {
		want  string
		spoil func(g *ir.Graph)
	}{
		{`net.go:12: conv2d "conv1": the name is used twice`,
			func(g *ir.Graph) { g.Find("conv1.weight").Name = "conv1" }},
		{`net.go:10: graph "residual" has no output loss`,
			func(g *ir.Graph) { g.Outputs = g.Outputs[:2] }},
		{`net.go:10: no optimizer is named "lion"; there are sgd, adam, adamw`,
			func(g *ir.Graph) { g.Recipe.Optimizer.Name = "lion" }},
		{`net.go:20: param "fc1.bias": the loss does not depend on it, so it cannot be trained`,
			func(g *ir.Graph) { g.Replace(map[*ir.Value]*ir.Value{g.Find("fc1"): g.Find("fc1.raw")}) }},
		{`net.go:14: relu "lrelu1": no slope here`, func(g *ir.Graph) {
			v := g.Find("lrelu1")
			broken := *g.Ops["relu"]
			broken.Shape = func([]ir.Type, ir.Attrs) (ir.Type, error) {
				return ir.Type{}, errors.New("no slope here")
			}
			v.Op, v.Attrs = &broken, ir.Attrs{}
		}},
	} {
		g := model(t)
		c.spoil(g)
		r, err := compiler.Compile(g, cpu.New())
		if err == nil || err.Error() != c.want {
			t.Errorf("error %v, want %s", err, c.want)
		}
		if r != nil {
			t.Errorf("%s: there is a result besides the error", c.want)
		}
	}
}

// TestRuleError gives an operation a gradient rule that builds something that does not fit.
func TestRuleError(t *testing.T) {
	g := model(t)
	v := g.Find("relu2")
	broken := *v.Op
	broken.Grad = func(b *ir.Builder, y, dy *ir.Value) []*ir.Value {
		return []*ir.Value{b.Reshape("d", dy, 1, 2, 3)}
	}
	v.Op = &broken
	_, err := compiler.Compile(g, cpu.New())
	var rule *ir.RuleError
	if !errors.As(err, &rule) || rule.Op != "reshape" || rule.Origin.Pos != "net.go:17" {
		t.Errorf("error %v, want a RuleError of reshape in net.go:17", err)
	}
}
