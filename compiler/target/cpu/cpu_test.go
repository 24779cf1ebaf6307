package cpu_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/target"
	"github.com/gradc/gradc/compiler/target/cpu"
)

// TestKernels checks that what the target says of each kernel fits samples of it, and that it has a
// row for every kernel and for nothing else.
func TestKernels(t *testing.T) {
	machine := cpu.New()
	for _, o := range machine.Orders {
		if _, err := ir.ParseOrder(string(o)); err != nil {
			t.Error(err)
		}
	}
	for name := range machine.Kernels {
		if row := op.All()[name]; row == nil || row.Kind != ir.Kernel {
			t.Errorf("%s is no kernel", name)
		}
	}
	for name, row := range op.All() {
		if row.Kind != ir.Kernel {
			continue
		}
		if _, ok := machine.Kernels[name]; !ok {
			t.Errorf("kernel %s has no row", name)
		}
		r := rand.New(rand.NewPCG(1, 2))
		for range 40 {
			checkKernel(t, machine, row, row.Sample(r))
		}
	}
}

func checkKernel(t *testing.T, machine *target.Target, row *ir.Op, s ir.Sample) {
	t.Helper()
	u := target.Use{Args: s.ArgTypes(), Attrs: s.Attrs}
	var err error
	if u.Out, err = row.Shape(u.Args, u.Attrs); err != nil {
		t.Fatal(err)
	}
	in, out := machine.Layouts(row, u)
	if len(in) != len(u.Args) {
		t.Errorf("%s: layouts of %d arguments, want %d", row.Name, len(in), len(u.Args))
	}
	for _, l := range append(in, out) {
		if l.Order != ir.RowMajor && !slices.Contains(machine.Orders, l.Order) {
			t.Errorf("%s: the order %s is none of the target's", row.Name, l.Order)
		}
	}
	grid := machine.Grid(row, u)
	if most := max(u.Args[0].Shape[0], u.Args[0].Shape[len(u.Args[0].Shape)-1]); grid.Split < 1 ||
		grid.Split > most {
		t.Errorf("%s: split into %d partial results of %d", row.Name, grid.Split, most)
	}
	if n := machine.Workspace(row, u, [2]int{1, 1}); n < 0 {
		t.Errorf("%s: a workspace of %d bytes", row.Name, n)
	}
}
