package pass_test

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradc/gradc/compiler/interp"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/pass"
)

// TestGoldenSemantics runs the inputs of all golden files before and after the passes.
func TestGoldenSemantics(t *testing.T) {
	for name, run := range passes() {
		if name == "update" {
			continue // makes a graph of its own
		}
		for _, path := range goldenFiles(t, name) {
			t.Run(path, func(t *testing.T) {
				_, g := readGolden(t, path)
				after := g.Clone()
				if run(after) == nil {
					sameRoots(t, dissolved(t, g, name), dissolved(t, after, name))
				}
			})
		}
	}
}

// dissolved returns g without composites, so that it can be run.
func dissolved(t *testing.T, g *ir.Graph, passName string) *ir.Graph {
	g, mode := g.Clone(), ir.Train
	if passName == "lower_infer" {
		mode = ir.Infer
	}
	if err := pass.Lower(g, mode); err != nil {
		t.Fatal(err)
	}
	return g
}

// TestRandomGraphs compares graphs with what the passes make of them.
func TestRandomGraphs(t *testing.T) {
	for seed := range uint64(100) {
		g := randomGraph(rand.New(rand.NewPCG(seed, 1)), 30)
		if err := ir.Check(g); err != nil {
			t.Fatal(err)
		}
		simplified := g.Clone()
		apply(t, simplified, pass.Simplify)
		sameRoots(t, g, simplified)

		fused := g.Clone()
		apply(t, fused, fuse)
		sameRoots(t, g, fused)

		apply(t, simplified, fuse, pass.Simplify)
		sameRoots(t, g, simplified)
		if t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, ir.Format(g))
		}
	}
}

// TestRandomGradients compares the gradients of random graphs with finite differences.
func TestRandomGradients(t *testing.T) {
	checked := 0
	for seed := range uint64(40) {
		g := randomLoss(rand.New(rand.NewPCG(seed, 2)), 12)
		if err := ir.Check(g); err != nil {
			t.Fatal(err)
		}
		after := g.Clone()
		apply(t, after, pass.Grad, pass.Simplify, fuse)
		env := drawEnv(after, rand.New(rand.NewPCG(seed, 3)))
		results := runGraph(t, after, env)
		for _, a := range after.Gradients {
			checked += checkGradient(t, g, env, a.Target.Name, results[a.Value.Name])
		}
		if t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, ir.Format(after))
		}
	}
	if checked < 1000 {
		t.Errorf("only %d gradients are not zero", checked)
	}
}

// apply runs passes and checks what they leave.
func apply(t *testing.T, g *ir.Graph, passes ...func(*ir.Graph) error) {
	t.Helper()
	for _, run := range passes {
		if err := run(g); err != nil {
			t.Fatal(err)
		}
		if err := ir.Check(g); err != nil {
			t.Fatalf("%v in\n%s", err, ir.Format(g))
		}
	}
}

// checkGradient compares the gradient of the loss by a parameter with (f(x+h) - f(x-h)) / 2h, and
// returns how many elements are not zero.
func checkGradient(
	t *testing.T, g *ir.Graph, env interp.Env, param string, gradient ir.Tensor,
) int {
	const h = 1e-6
	data, loss := env.Sources[param].Data, g.Output("loss").Name
	nonzero := 0
	for i, x := range data {
		data[i] = x + h
		above := runGraph(t, g, env)[loss].Data[0]
		data[i] = x - h
		below := runGraph(t, g, env)[loss].Data[0]
		data[i] = x
		got, want := gradient.Data[i], (above-below)/(2*h)
		if !near(got, want, 1e-5) {
			t.Errorf("gradient of %s[%d] is %g, by differences %g", param, i, got, want)
		}
		if got != 0 {
			nonzero++
		}
	}
	return nonzero
}

// sameRoots runs both graphs on the same random contents and compares what leaves both.
func sameRoots(t *testing.T, before, after *ir.Graph) {
	t.Helper()
	env := drawEnv(before, rand.New(rand.NewPCG(7, 7)))
	want, got := roots(before, runGraph(t, before, env)), roots(after, runGraph(t, after, env))
	for name, w := range want {
		g, ok := got[name]
		if !ok {
			t.Errorf("%s is missing", name)
			continue
		}
		for i := range w.Data {
			if !near(w.Data[i], g.Data[i], 1e-9) {
				t.Errorf("%s[%d] is %g, want %g", name, i, g.Data[i], w.Data[i])
				break
			}
		}
	}
}

// roots returns what leaves a graph, under names that tell outputs from assignments.
func roots(g *ir.Graph, results interp.Results) map[string]ir.Tensor {
	found := map[string]ir.Tensor{}
	for _, o := range g.Outputs {
		found["output "+o.Name] = results[o.Value.Name]
	}
	for _, a := range g.Gradients {
		found["gradient "+a.Target.Name] = results[a.Value.Name]
	}
	for _, a := range g.Updates {
		found["update "+a.Target.Name] = results[a.Value.Name]
	}
	return found
}

func runGraph(t *testing.T, g *ir.Graph, env interp.Env) interp.Results {
	t.Helper()
	results, err := interp.Run(g, env)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// drawEnv draws contents for the sources of g: variances are positive, labels count from 0.
func drawEnv(g *ir.Graph, r *rand.Rand) interp.Env {
	env := interp.Env{Sources: map[string]ir.Tensor{}, Rand: uniform}
	for _, v := range g.Values {
		if v.Op.Kind != ir.Source {
			continue
		}
		tensor := ir.NewTensor(v.Type.Shape)
		for i := range tensor.Data {
			switch {
			case v.Type.DType == ir.I32:
				tensor.Data[i] = float64(r.IntN(3))
			case v.Op.Name == "state" || v.Op.Name == "block":
				tensor.Data[i] = 0.5 + r.Float64()
			default:
				tensor.Data[i] = r.Float64()*4 - 2
			}
		}
		env.Sources[v.Name] = tensor
	}
	return env
}

// uniform is a number in [0, 1) for each site and element.
func uniform(site, element int) float64 {
	h := fnv.New64a()
	fmt.Fprint(h, site, element)
	return float64(h.Sum64()>>11) / (1 << 53)
}

// near compares relative to the larger of 1 and the values.
func near(a, b, tolerance float64) bool {
	return math.Abs(a-b) <= tolerance*max(1, math.Abs(a), math.Abs(b))
}
