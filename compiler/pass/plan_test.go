package pass_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gradc/gradc/compiler/interp"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/pass"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/planexec"
	"github.com/gradc/gradc/compiler/target/cpu"
	"github.com/gradc/gradc/internal/golden"
)

// plans are the passes that make a plan, by the name of their folder in testdata, with the text
// form that shows what they decide.
func plans() map[string]func(*plan.Program) string {
	return map[string]func(*plan.Program) string{
		"schedule": plan.FormatSteps,
		"nest":     plan.FormatSteps,
		"memory":   plan.FormatMemory,
	}
}

// TestGoldenPlans plans the input of each golden file, as a training graph.
func TestGoldenPlans(t *testing.T) {
	for name, format := range plans() {
		for _, path := range goldenFiles(t, name) {
			t.Run(strings.TrimSuffix(path, ".txtar"), func(t *testing.T) {
				archive, g := readGolden(t, path)
				got := txtar.File{Name: "output", Data: []byte(format(planned(t, g)))}
				archive.Files = append(archive.Files[:1], got)
				golden.Archive(t, path, archive)
			})
		}
	}
}

// planned lays out g, which changes, and plans it as a training graph.
func planned(t *testing.T, g *ir.Graph) *plan.Program {
	t.Helper()
	apply(t, g, func(g *ir.Graph) error { return pass.Layout(g, cpu.New()) })
	p, err := pass.Schedule(cpu.New(), g, nil, nil)
	if err != nil {
		t.Fatalf("%v in\n%s", err, ir.Format(g))
	}
	pass.Memory(p)
	if err := pass.Nest(p); err != nil {
		t.Fatal(err)
	}
	if err := plan.Check(p); err != nil {
		t.Fatalf("%v in\n%s\n%s", err, plan.FormatSteps(p), plan.FormatMemory(p))
	}
	return p
}

// TestRandomPlans runs plans of random graphs on their own memory and compares what they yield
// with the interpreter. A second plan of the same graph must be the same text.
func TestRandomPlans(t *testing.T) {
	for seed := range uint64(150) {
		g := randomGraph(rand.New(rand.NewPCG(seed, 4)), 40)
		if seed%2 == 0 {
			apply(t, g, pass.Simplify, fuse)
		}
		comparePlan(t, g)
		if t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, ir.Format(g))
		}
	}
}

// TestRandomTrainingPlans is the same for graphs with gradients.
func TestRandomTrainingPlans(t *testing.T) {
	for seed := range uint64(60) {
		g := randomLoss(rand.New(rand.NewPCG(seed, 5)), 20)
		apply(t, g, pass.Grad, pass.Simplify, fuse)
		comparePlan(t, g)
		if t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, ir.Format(g))
		}
	}
}

func comparePlan(t *testing.T, g *ir.Graph) {
	t.Helper()
	p, again := planned(t, g.Clone()), planned(t, g.Clone())
	if diff := cmp.Diff(plan.FormatSteps(p)+plan.FormatMemory(p),
		plan.FormatSteps(again)+plan.FormatMemory(again)); diff != "" {
		t.Errorf("two plans of one graph differ:\n%s", diff)
	}
	env := drawEnv(g, rand.New(rand.NewPCG(7, 7)))
	want := roots(g, runGraph(t, g, env))
	for name, got := range execute(t, p, env) {
		w := want[name]
		for i := range w.Data {
			if !near(w.Data[i], got.Data[i], 1e-9) {
				t.Errorf("%s[%d] is %g, want %g\n%s\n%s", name, i, got.Data[i], w.Data[i],
					plan.FormatSteps(p), plan.FormatMemory(p))
				break
			}
		}
	}
}

// execute runs the training steps of p and returns what leaves it, by the names of roots.
func execute(t *testing.T, p *plan.Program, env interp.Env) map[string]ir.Tensor {
	t.Helper()
	m := planexec.New(p)
	m.Rand = env.Rand
	for name, source := range env.Sources {
		if err := m.Set(name, source.Data); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Train(); err != nil {
		t.Fatalf("%v\n%s", err, plan.FormatMemory(p))
	}
	found := map[string]ir.Tensor{}
	for _, o := range p.TrainOutputs {
		found["output "+o.Name] = m.Read(o.Operand)
	}
	for _, param := range p.Params {
		data, err := m.Get("d." + param.Name)
		if err != nil {
			t.Fatal(err)
		}
		found["gradient "+param.Name] = ir.Tensor{Shape: param.Source.Type.Shape, Data: data}
	}
	return found
}
