package gosrc_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gradc/gradc/codegen/gosrc"
	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/interp"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/pass"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
	"github.com/gradc/gradc/compiler/target/cpu"
)

// TestLoopsShareFunctions computes the same three times, each time of what the time before yields.
// The first two share their functions; the third time stores a result in place of an argument that
// the result behind it reads, and needs a function of its own.
func TestLoopsShareFunctions(t *testing.T) {
	u := newUses(10)
	b := u.builder
	x := u.source("x", "param", ir.Shape{6, 6}, u.rand, (*rand.Rand).NormFloat64)
	first := u.source("y", "param", ir.Shape{6, 1}, u.rand, (*rand.Rand).NormFloat64)
	var q *ir.Value
	for i := range 3 {
		name := fmt.Sprint("time", i)
		p := b.Reduce(name+".p", x.Type.Shape, "sum", []int{1}, scalar.MustParse("x0 + x1"), x, first)
		q = b.Reduce(name+".q", x.Type.Shape, "max", []int{1}, scalar.MustParse("x0*x1"), x, first)
		first = b.Map(name+".first", ir.Shape{6, 1}, scalar.MustParse("2*x0"), p)
		second := b.Map(name+".second", ir.Shape{6, 1}, scalar.MustParse("3 + x0"), q)
		u.graph.Outputs = append(u.graph.Outputs, ir.Output{Name: first.Name, Value: first},
			ir.Output{Name: second.Name, Value: second})
	}
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
	files, err := host.Files(host.Network{Plan: program, Model: u.graph}, gosrc.Kernels(nil))
	must(t, err)
	if n := strings.Count(string(files["forward.go"]), "\nfunc forward"); n != 3 {
		t.Errorf("%d functions, not one for the sums and two for the maps:\n%s", n,
			files["forward.go"])
	}
}

// storeInPlace stores the first of the two results of the last step in place of an argument.
func storeInPlace(t *testing.T, p *plan.Program, arg string) {
	t.Helper()
	step := p.Train[len(p.Train)-1]
	outs := step.Loop.Outs
	for _, a := range step.Loop.Args {
		if a.Name == arg && len(outs) == 2 && strings.HasSuffix(outs[0].Name, "first") {
			outs[1].Buffer.Offset = outs[0].Buffer.Offset
			outs[0].Buffer.Offset = a.Buffer.Offset
			return
		}
	}
	t.Fatalf("the last step does not have both results:\n%s", plan.FormatSteps(p))
}
