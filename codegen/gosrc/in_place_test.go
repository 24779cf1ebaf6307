package gosrc_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gradc/gradc/compiler/interp"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/pass"
	"github.com/gradc/gradc/compiler/scalar"
	"github.com/gradc/gradc/compiler/target/cpu"
)

// TestResultInPlaceOfAnArgument stores the first result of a loop in place of an argument that
// only the second result reads.
func TestResultInPlaceOfAnArgument(t *testing.T) {
	u := newUses(9)
	sums := func(name string) *ir.Value {
		shape := ir.Shape{6, 6}
		a := u.source(name, "param", shape, u.rand, (*rand.Rand).NormFloat64)
		return u.builder.Reduce(name+".sums", shape, "sum", []int{1}, scalar.X(0), a)
	}
	p, q := sums("p"), sums("q")
	first := u.builder.Map("first", ir.Shape{6, 1}, scalar.MustParse("2*x0"), p)
	second := u.builder.Map("second", ir.Shape{6, 1}, scalar.MustParse("3 + x0"), q)
	u.graph.Outputs = append(u.graph.Outputs, ir.Output{Name: "first", Value: first},
		ir.Output{Name: "second", Value: second})
	want, err := interp.Run(u.graph, interp.Env{Sources: u.sources})
	must(t, err)
	must(t, pass.Layout(u.graph, cpu.New()))
	program, err := pass.Schedule(cpu.New(), u.graph, nil, nil)
	must(t, err)
	pass.Memory(program)
	must(t, pass.Nest(program))
	storeInPlace(t, program, q.Name)
	m := execute(t, program, u.graph, u.sources)
	for _, o := range program.TrainOutputs {
		compareWithin(t, o.Name, m, o.Operand, want[o.Name], 1e-5)
	}
}
