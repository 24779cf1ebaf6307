package pass_test

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/pass"
	"github.com/gradc/gradc/compiler/scalar"
)

// TestLowerNested dissolves composites of composites: eight is four twice, four is two twice, and
// two has a gradient rule, so that it stays whole until its gradient is taken.
func TestLowerNested(t *testing.T) {
	ops := op.All()
	for _, c := range []struct{ name, part string }{{"eight", "four"}, {"four", "two"}} {
		ops[c.name] = composite(c.name, func(b *ir.Builder, y *ir.Value) *ir.Value {
			x := b.Apply(y.Name+".half", c.part, y.Args, ir.Attrs{})
			return b.Apply(y.Name, c.part, []*ir.Value{x}, ir.Attrs{})
		})
	}
	ops["two"] = composite("two", func(b *ir.Builder, y *ir.Value) *ir.Value {
		return b.Map(y.Name, y.Type.Shape, scalar.MustParse("x0 + x0"), y.Args[0])
	})
	ops["two"].Grad = func(*ir.Builder, *ir.Value, *ir.Value) []*ir.Value { return nil }
	const source = "graph \"g\" \"\"\nx: f32[1] = input() shape=[1]\n"
	g, err := ir.Parse(source+"y: f32[1] = eight(x) @layer1 forward \"net.go:3\"\noutput y = y\n", ops)
	if err != nil {
		t.Fatal(err)
	}

	apply(t, g, func(g *ir.Graph) error { return pass.LowerPlain(g, ir.Train) })
	const plain = source +
		"y.half.half: f32[1] = two(x) @layer1 forward \"net.go:3\"\n" +
		"y.half: f32[1] = two(y.half.half) @layer1 forward \"net.go:3\"\n" +
		"y.half.3: f32[1] = two(y.half) @layer1 forward \"net.go:3\"\n" +
		"y: f32[1] = two(y.half.3) @layer1 forward \"net.go:3\"\n" +
		"output y = y\n"
	if diff := cmp.Diff(plain, ir.Format(g)); diff != "" {
		t.Errorf("composites of composites dissolve, but not those with a rule (-want +got):\n%s", diff)
	}

	apply(t, g, func(g *ir.Graph) error { return pass.Lower(g, ir.Train) })
	env := drawEnv(g, rand.New(rand.NewPCG(1, 1)))
	got, want := runGraph(t, g, env)["y"].Data[0], 16*env.Sources["x"].Data[0]
	if !near(got, want, 1e-12) {
		t.Errorf("y is %g, want %g: sixteen times x", got, want)
	}
}

func composite(name string, expand func(*ir.Builder, *ir.Value) *ir.Value) *ir.Op {
	return &ir.Op{
		Name: name, Kind: ir.Composite,
		Shape:  func(args []ir.Type, _ ir.Attrs) (ir.Type, error) { return args[0], nil },
		Expand: func(b *ir.Builder, y *ir.Value, _ ir.Mode) *ir.Value { return expand(b, y) },
	}
}
