package compiler_test

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

// TestGradients compares the gradients of the compiled training graph, in float64, with finite
// differences of the loss of the model as it was described.
func TestGradients(t *testing.T) {
	const h, tolerance = 1e-5, 1e-5
	g := model(t)
	env := contents(g)
	train := compile(t, g).Train
	results := execute(t, train, env)
	plain := lowered(t, g, ir.Train)
	loss := func() float64 { return execute(t, plain, env)["loss"].Data[0] }
	if got, want := len(train.Gradients), len(g.Sources("param")); got != want {
		t.Errorf("%d gradients of %d parameters", got, want)
	}
	for _, a := range train.Gradients {
		p := a.Target
		data, gradient := env.Sources[p.Name].Data, results[a.Value.Name].Data
		largest := 0.0
		for i, x := range data {
			data[i] = x + h
			above := loss()
			data[i] = x - h
			below := loss()
			data[i] = x
			want := (above - below) / (2 * h)
			largest = max(largest, math.Abs(want))
			if math.Abs(gradient[i]-want) > tolerance*max(math.Abs(want), 1e-3) {
				t.Errorf("gradient of %s[%d] is %g, by differences %g", p.Name, i, gradient[i], want)
			}
		}
		if largest < 1e-3 {
			t.Errorf("the gradients of %s are too small to be compared: up to %g", p.Name, largest)
		}
	}
}

// TestTrainComputesTheModel compares what leaves the compiled graph with the model's own results.
func TestTrainComputesTheModel(t *testing.T) {
	g := model(t)
	env := contents(g)
	r := compile(t, g)
	plain := lowered(t, g, ir.Train)
	want, got := execute(t, plain, env), execute(t, r.Train, env)
	for _, o := range r.Train.Outputs {
		same(t, o.Name, want[plain.Output(o.Name).Name], got[o.Value.Name])
	}
	for i, a := range r.Train.Updates {
		same(t, a.Target.Name, want[plain.Updates[i].Value.Name], got[a.Value.Name])
	}
	if len(r.Train.Updates) != 2 {
		t.Errorf("%d states are updated, want the two of bn1", len(r.Train.Updates))
	}
}

func TestInferComputesTheModel(t *testing.T) {
	g := model(t)
	env := contents(g)
	r := compile(t, g)
	plain := lowered(t, g, ir.Infer)
	want, got := execute(t, plain, env), execute(t, r.Infer, env)
	for _, o := range r.Infer.Outputs {
		same(t, o.Name, want[plain.Output(o.Name).Name], got[o.Value.Name])
	}
}

// TestUpdateFollowsAdam compares a step of the compiled optimizer with the formula.
func TestUpdateFollowsAdam(t *testing.T) {
	g := compile(t, model(t)).Update
	env := contents(g)
	source := func(name string) []float64 { return env.Sources[name].Data }
	got := execute(t, g, env)
	w, dw := source("params"), source("grads")
	rate := source("learning_rate")[0] * source("correction1")[0]
	for i := range w {
		m := 0.9*source("first_moment")[i] + (1-0.9)*dw[i]
		v := 0.999*source("second_moment")[i] + (1-0.999)*dw[i]*dw[i]
		next := w[i] - rate*m/(math.Sqrt(v)*source("correction2")[0]+1e-8)
		for k, want := range []float64{m, v, next} {
			a := g.Updates[k]
			if d := got[a.Value.Name].Data[i]; !near(d, want) {
				t.Fatalf("%s[%d] becomes %g, want %g", a.Target.Name, i, d, want)
			}
		}
	}
}

// lowered is the model without composites and otherwise as it is.
func lowered(t *testing.T, g *ir.Graph, mode ir.Mode) *ir.Graph {
	t.Helper()
	g = g.Clone()
	if err := pass.Lower(g, mode); err != nil {
		t.Fatal(err)
	}
	return g
}

func execute(t *testing.T, g *ir.Graph, env interp.Env) interp.Results {
	t.Helper()
	results, err := interp.Run(g, env)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func same(t *testing.T, name string, want, got ir.Tensor) {
	t.Helper()
	for i, w := range want.Data {
		if !near(w, got.Data[i]) {
			t.Errorf("%s[%d] is %g, want %g", name, i, got.Data[i], w)
		}
	}
}

func near(a, b float64) bool {
	return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b))
}

// contents draws contents for all sources.
func contents(g *ir.Graph) interp.Env {
	r := rand.New(rand.NewPCG(1, 2))
	env := interp.Env{Sources: map[string]ir.Tensor{}, Rand: uniform}
	for _, v := range g.Values {
		if v.Op.Kind != ir.Source {
			continue
		}
		tensor := ir.NewTensor(v.Type.Shape)
		for i := range tensor.Data {
			switch {
			case v.Type.DType == ir.I32:
				tensor.Data[i] = float64(r.IntN(6))
			case v.Op.Name == "param" || v.Op.Name == "input":
				tensor.Data[i] = r.NormFloat64() / 2
			default: // states, optimizer states and numbers of a step are positive
				tensor.Data[i] = 0.5 + r.Float64()
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
