package op_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gradc/gradc/compiler/interp"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/pass"
	"github.com/gradc/gradc/compiler/scalar"
)

// use is a small graph with a loss, and contents for its sources.
type use struct {
	graph   *ir.Graph
	sources map[string]ir.Tensor
}

// newUse returns the graph y = row(x0, x1, …) with random contents: arguments that have a
// gradient are parameters.
func newUse(t *testing.T, row *ir.Op, s ir.Sample, r *rand.Rand) use {
	t.Helper()
	u := use{&ir.Graph{Name: row.Name, Ops: op.All()}, map[string]ir.Tensor{}}
	b := ir.NewBuilder(u.graph)
	var args []*ir.Value
	for i, a := range s.Args {
		name := fmt.Sprintf("x%d", i)
		args = append(args, addSource(b, name, a))
		u.sources[name] = draw(r, a.Type.Shape, a.Draw)
	}
	y, err := b.Add("y", row.Name, args, s.Attrs)
	if err != nil {
		t.Fatalf("%s of %v %v: %v", row.Name, s.Args, s.Attrs, err)
	}
	u.weigh(y, draw(r, y.Type.Shape, func(r *rand.Rand) float64 { return 2*r.Float64() - 1 }))
	return u
}

func addSource(b *ir.Builder, name string, a ir.SampleArg) *ir.Value {
	attrs := ir.Attrs{"shape": []int(a.Type.Shape)}
	switch {
	case a.Type.DType == ir.I32:
		return b.Apply(name, "labels", nil, attrs)
	case a.Data:
		attrs["init"] = 0.0
		return b.Apply(name, "state", nil, attrs)
	}
	attrs["init"], attrs["fan_in"], attrs["fan_out"], attrs["gain"] = "zeros", 1, 1, 1.0
	return b.Apply(name, "param", nil, attrs)
}

func draw(r *rand.Rand, shape ir.Shape, f func(*rand.Rand) float64) ir.Tensor {
	t := ir.NewTensor(shape)
	for i := range t.Data {
		t.Data[i] = f(r)
	}
	return t
}

// weigh makes Σ y·weight the graph's loss: the gradient of y is then weight.
func (u use) weigh(y *ir.Value, weight ir.Tensor) {
	b := ir.NewBuilder(u.graph)
	shape := y.Type.Shape
	w := b.Apply("weight", "input", nil, ir.Attrs{"shape": []int(shape)})
	u.sources["weight"] = weight
	axes := make([]int, len(shape))
	for i := range axes {
		axes[i] = i
	}
	loss := b.Reduce("loss", shape, "sum", axes, scalar.MustParse("x0*x1"), y, w)
	u.graph.Outputs = []ir.Output{{Name: "y", Value: y}, {Name: "loss", Value: loss}}
}

// forward returns the graph with its composites expanded.
func (u use) forward(t *testing.T, mode ir.Mode) *ir.Graph {
	t.Helper()
	g := u.graph.Clone()
	must(t, pass.Lower(g, mode))
	must(t, ir.Check(g))
	return g
}

// backward returns the graph with the gradients of its parameters.
func (u use) backward(t *testing.T) *ir.Graph {
	t.Helper()
	g := u.graph.Clone()
	must(t, pass.LowerPlain(g, ir.Train))
	must(t, pass.Grad(g))
	must(t, pass.Lower(g, ir.Train))
	must(t, ir.Check(g))
	return g
}

// run computes g with the contents of u.
func (u use) run(t *testing.T, g *ir.Graph) interp.Results {
	t.Helper()
	r, err := interp.Run(g, interp.Env{Sources: u.sources, Rand: uniform})
	must(t, err)
	return r
}

// uniform is a random number of a site and an element.
func uniform(site, element int) float64 {
	return rand.New(rand.NewPCG(uint64(site), uint64(element))).Float64()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }
