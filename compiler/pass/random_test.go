package pass_test

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/scalar"
)

// generator draws graphs of maps, reductions, reshapes and kernels over a few shapes, so that
// they repeat, share and coincide often.
type generator struct {
	*rand.Rand
	b      *ir.Builder
	smooth bool // differentiable: no maxima
	bodies []string
}

// bodies keep what they compute of modest size.
func smoothBodies() []string {
	return []string{
		"x0", "x0", "x0 + x1", "x0 - x1 + x2", "x0", "max(x0, 0)", "1", "0.25",
		"select(0 < x0, x0, 0.01*x0)", "exp(min(x0, 1))", "x0*rsqrt(x1*x1 + 1)", "x0/(1 + x1*x1)",
		"select(rand(0) < 0.3, 0, x0)", "select(rand(1) < 0.3, 0, x0)", "x0 - i0", "log(1 + x0*x0)",
		"sqrt(x0*x0 + x1*x1 + 1)",
	}
}

func kinkyBodies() []string {
	return append(smoothBodies(), "x0 < x1", "select(x0 == i1, x1, 0)", "i0 + rand(1)", "-x0")
}

func newGenerator(r *rand.Rand, smooth bool) *generator {
	g := &ir.Graph{Name: "random", Ops: op.All()}
	gen := &generator{Rand: r, b: ir.NewBuilder(g), smooth: smooth, bodies: kinkyBodies()}
	if smooth {
		gen.bodies = smoothBodies()
	}
	return gen
}

// randomGraph draws a graph of n values and lets a few of them leave it.
func randomGraph(r *rand.Rand, n int) *ir.Graph {
	gen := newGenerator(r, false)
	g := gen.b.Graph
	for i, shape := range shapes() {
		gen.b.Apply(fmt.Sprintf("in%d", i), "input", nil, ir.Attrs{"shape": []int(shape)})
	}
	gen.b.Apply("labels", "labels", nil, ir.Attrs{"shape": []int{4, 1}})
	for range n {
		gen.value()
	}
	for i := range 1 + r.IntN(4) {
		v := g.Values[len(g.Values)-1-r.IntN(n/2)]
		g.Outputs = append(g.Outputs, ir.Output{Name: fmt.Sprintf("out%d", i), Value: v})
	}
	return g
}

// randomLoss draws a differentiable graph of n values with a loss that depends on parameters.
func randomLoss(r *rand.Rand, n int) *ir.Graph {
	gen := newGenerator(r, true)
	g := gen.b.Graph
	gen.b.Apply("images", "input", nil, ir.Attrs{"shape": []int(shapes()[0])})
	for i, shape := range shapes() {
		gen.b.Apply(fmt.Sprintf("p%d", i), "param", nil, ir.Attrs{"shape": []int(shape),
			"init": "ones", "fan_in": 1, "fan_out": 1, "gain": 1.0})
	}
	for range n {
		gen.value()
	}
	total := scalar.C(0)
	var parts []*ir.Value
	for _, v := range slices.Clone(g.Values) { // all, so that each is on the way
		axes := make([]int, len(v.Type.Shape))
		for i := range axes {
			axes[i] = i
		}
		ones := slices.Repeat([]int{1}, len(axes))
		mean := gen.b.Reduce("mean", v.Type.Shape, "mean", axes, scalar.MustParse("0.1*x0*x0"), v)
		total = scalar.Sum(total, scalar.X(len(parts)))
		parts = append(parts, gen.b.Reshape("flat", mean, ones[:1]...))
	}
	loss := gen.b.Map("loss", ir.Shape{1}, total, parts...)
	g.Outputs = []ir.Output{{Name: "loss", Value: loss}}
	return g
}

func shapes() []ir.Shape {
	return []ir.Shape{{2, 3, 3, 3}, {1, 3, 1, 1}, {2, 1, 1, 1}, {4, 5}, {1, 5}, {4, 1}}
}

// value appends one value.
func (g *generator) value() {
	switch k := g.IntN(20); {
	case k < 12:
		g.mapping()
	case k < 16:
		g.reduction()
	case k < 17:
		x := g.pick()
		g.b.Reshape("view", x, x.Type.Shape.Elements())
	case k < 18:
		x := g.pick()
		for len(x.Type.Shape) == 1 {
			x = g.pick()
		}
		g.b.Reshape("view", x, x.Type.Shape...)
	case k < 19:
		left := g.IntN(2) == 0
		g.b.Apply("product", "matmul", []*ir.Value{g.pickShape(4, 5), g.pickShape(4, 5)},
			ir.Attrs{"trans_a": left, "trans_b": !left})
	default:
		g.b.Apply("pool", "avg_pool2d", []*ir.Value{g.pickShape(2, 3, 3, 3)}, ir.Attrs{
			"kernel": []int{3, 3}, "stride": []int{1, 1}, "pad": []int{1, 1},
			"count_include_pad": true})
	}
}

func (g *generator) mapping() {
	body := scalar.MustParse(g.bodies[g.IntN(len(g.bodies))])
	shape, args := g.args()
	if g.IntN(3) > 0 {
		g.b.Map("map", shape, body, args...)
		return
	}
	g.b.Apply("map", "map", args, ir.Attrs{"shape": []int(shape), "body": body}) // not pruned
}

func (g *generator) reduction() {
	folds := []string{"sum", "mean", "var", "max"}
	if g.smooth {
		folds = folds[:3]
	}
	body := scalar.MustParse(g.bodies[g.IntN(len(g.bodies))])
	shape, args := g.args()
	var axes []int
	for axis := range shape {
		if g.IntN(2) == 0 {
			axes = append(axes, axis)
		}
	}
	g.b.Reduce("fold", shape, folds[g.IntN(len(folds))], axes, body, args...)
}

// args draws a domain of at least two axes and three arguments that repeat along it.
func (g *generator) args() (ir.Shape, []*ir.Value) {
	list := shapes()
	shape := slices.Clone(list[g.IntN(len(list))])
	if like := g.pick(); len(like.Type.Shape) > 1 {
		shape = slices.Clone(like.Type.Shape)
	}
	var fitting []*ir.Value
	for _, v := range g.b.Graph.Values {
		if fits(v.Type.Shape, shape) {
			fitting = append(fitting, v)
		}
	}
	args := make([]*ir.Value, 3)
	for i := range args {
		args[i] = fitting[g.IntN(len(fitting))]
	}
	return shape, args
}

// fits reports whether a value of a shape repeats along domain.
func fits(shape, domain ir.Shape) bool {
	if len(shape) != len(domain) {
		return false
	}
	for axis, d := range shape {
		if d != 1 && d != domain[axis] {
			return false
		}
	}
	return true
}

// pick draws a value of the graph, late ones more often.
func (g *generator) pick() *ir.Value {
	values := g.b.Graph.Values
	return values[max(g.IntN(len(values)), g.IntN(len(values)))]
}

// pickShape draws a value of a shape that a source has.
func (g *generator) pickShape(shape ...int) *ir.Value {
	for {
		if v := g.pick(); slices.Equal(v.Type.Shape, shape) && v.Type.DType == ir.F32 {
			return v
		}
	}
}
