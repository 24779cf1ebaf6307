package op_test

import (
	"testing"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
)

// TestSamples checks that samples fit their operation, lie in its domain, and reach the sizes at
// which loops go wrong; and that kernels count flops.
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
				if row.Kind == ir.Kernel && row.Flops(y.ArgTypes(), y.Type, y.Attrs) <= 0 {
					t.Errorf("%s counts no flops", y.Type)
				}
			}
			// All sizes of transformed kernels are multiples of other numbers.
			if name != "winograd_weights" && (ones == 0 || odds == 0) {
				t.Errorf("of 40 samples %d sizes are 1 and %d odd, want some of both", ones, odds)
			}
		})
	}
}
