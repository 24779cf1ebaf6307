package gosrc_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gradc/gradc/compiler/interp"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/pass"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
)

// TestExactMaps compares every map and its gradients with float64 over all of float32, in Go and
// in assembly: where a body loses digits that the number has, the formula is wrong. The operation
// whose body its user writes is left out: what digits that keeps is the user's choice.
func TestExactMaps(t *testing.T) {
	u := newUses(1)
	table := op.All()
	for _, name := range slices.Sorted(maps.Keys(table)) {
		row := table[name]
		ofUser := func(a ir.AttrSpec) bool { return a.Kind == ir.Body }
		if row.Kind != ir.Map || slices.ContainsFunc(row.Attrs, ofUser) {
			continue
		}
		draws := 1
		if len(row.Attrs) > 0 {
			draws = 4
		}
		for range draws {
			s := row.Sample(u.rand)
			u.addExact(t, name, s.Attrs, len(s.Args))
		}
	}
	if len(u.graph.Outputs) < 20 {
		t.Errorf("%d results and gradients of maps", len(u.graph.Outputs))
	}
	must(t, pass.Lower(u.graph, ir.Train))
	want, err := interp.Run(u.graph, interp.Env{Sources: u.sources})
	must(t, err)
	names := map[string]string{} // of the interpreter's values, which passes may rename
	for _, o := range u.graph.Outputs {
		names[o.Name] = o.Value.Name
	}
	p := u.scheduled(t)
	pass.Memory(p)
	must(t, pass.Nest(p))
	must(t, plan.Check(p))
	program := assembled(t, p, u.graph)
	for level, has := range levels() {
		if !has {
			continue
		}
		t.Setenv("GRADC_CPU", level)
		m := run(t, program, p, u.sources)
		for _, o := range p.TrainOutputs {
			compareExact(t, level+": "+o.Name, m, o.Operand, want[names[o.Name]])
		}
	}
}

// addExact adds a use of a map of n arguments, and its gradients, over all of float32.
func (u *uses) addExact(t *testing.T, name string, attrs ir.Attrs, n int) {
	t.Helper()
	use := u.builder.Unique(name)
	points := allOfFloat32(u.graph.Ops[name].Body(attrs))
	shape := ir.Shape{len(points)}
	args := make([]*ir.Value, n)
	for i := range args {
		at := 0
		args[i] = u.source(fmt.Sprintf("%s.x%d", use, i), "param", shape, u.rand,
			func(*rand.Rand) float64 { at++; return points[at-1] })
		points = slices.Clone(points)
		u.rand.Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
	}
	y, err := u.builder.Add(use, name, args, attrs)
	must(t, err)
	dy := u.source(use+".dy", "param", shape, u.rand,
		func(r *rand.Rand) float64 { return 0.5 + r.Float64()/2 })
	rule := op.MapGrad
	if y.Op.Grad != nil {
		rule = y.Op.Grad
	}
	what := fmt.Sprint(use, attrs)
	u.graph.Outputs = append(u.graph.Outputs, ir.Output{Name: what, Value: y})
	for i, dx := range rule(u.builder, y, dy) {
		u.graph.Outputs = append(u.graph.Outputs,
			ir.Output{Name: fmt.Sprintf("gradient %d of %s", i, what), Value: dx})
	}
}

// allOfFloat32 returns numbers of all sizes and both signs, more of them where exponentials are
// neither 0 nor infinite, and those around what an expression compares with.
func allOfFloat32(body *scalar.Expr) []float64 {
	var points []float64
	add := func(x float32) {
		if x == x {
			points = append(points, float64(x))
		}
	}
	for word := uint64(0); word < 1<<32; word += 65521 {
		add(math.Float32frombits(uint32(word)))
	}
	for i := range 1 << 14 {
		add(float32(i-1<<13) / 64)
	}
	body.Walk(func(e *scalar.Expr) {
		if e.Op != scalar.Const {
			return
		}
		for _, c := range []float32{float32(e.Value), -float32(e.Value)} {
			add(c)
			add(math.Nextafter32(c, float32(math.Inf(1))))
			add(math.Nextafter32(c, float32(math.Inf(-1))))
		}
	})
	return points
}

// compareExact wants every element to be within 4 units in the last place of float32, or 1e-6 of
// it. Of denormal numbers, not even the first digit is wanted.
func compareExact(t *testing.T, what string, m memory, o plan.Operand, want ir.Tensor) {
	t.Helper()
	block, place := m[o.Buffer.Space][plan.Floats(o.Buffer.Offset):], o.Type.Place()
	for i, w := range want.Data {
		got := block[place.Offset(i)]
		if got == float32(w) || got != got && w != w {
			continue
		}
		_, exponent := math.Frexp(w)
		bound := max(4*math.Ldexp(1, exponent-24), 1e-6*math.Abs(w), 0x1p-126)
		if !(math.Abs(float64(got)-w) <= bound) {
			t.Errorf("%s: element %d is %v, want %v: off by %.3g", what, i, got, w,
				math.Abs(float64(got)-w)/math.Abs(w))
			return
		}
	}
}
