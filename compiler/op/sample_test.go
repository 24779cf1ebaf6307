package op_test

import (
	"testing"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
)

// TestSamples checks that samples fit their operation, lie in its domain, and reach the sizes at
// which loops go wrong; and that what a kernel says of itself fits them.
func TestSamples(t *testing.T) {
	for name, row := range op.All() {
		if row.Kind == ir.Source {
			continue
		}
		t.Run(name, func(t *testing.T) {
			r := newRand()
			ones, odds := 0, 0
			for range 40 {
				s := row.Sample(r)
				u := newUse(t, row, s, r)
				y := u.graph.Output("y")
				for _, d := range append(y.Type.Shape, s.Args[0].Type.Shape...) {
					if d == 1 {
						ones++
					} else if d%2 == 1 {
						odds++
					}
				}
				if row.Kind == ir.Kernel {
					checkKernel(t, y)
				}
			}
			// All sizes of transformed kernels are multiples of other numbers.
			if name != "winograd_weights" && (ones == 0 || odds == 0) {
				t.Errorf("of 40 samples %d sizes are 1 and %d odd, want some of both", ones, odds)
			}
		})
	}
}

func checkKernel(t *testing.T, y *ir.Value) {
	t.Helper()
	in, _ := y.Op.Layouts(ir.CPU, y.ArgTypes(), y.Type, y.Attrs)
	if len(in) != len(y.Args) {
		t.Errorf("layouts of %d arguments, want %d", len(in), len(y.Args))
	}
	if flops := y.Op.Flops(y.ArgTypes(), y.Type, y.Attrs); flops <= 0 {
		t.Errorf("%d flops", flops)
	}
	if y.Op.Split == nil {
		return
	}
	batch := y.Args[0].Type.Shape[0]
	if n := y.Op.Split(y.ArgTypes(), y.Type, y.Attrs); n < 1 || n > batch {
		t.Errorf("split into %d partial results over a batch of %d", n, batch)
	}
}
