package op

import (
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/ir"
)

// flatten makes one row of each image, channels first.
func flatten() *ir.Op {
	return &ir.Op{
		Name: "flatten", Kind: ir.Composite, Doc: "y[n,·] = all elements of x[n,…]",
		Shape: func(args []ir.Type, _ ir.Attrs) (ir.Type, error) {
			if err := wantArgs(args, 1); err != nil {
				return ir.Type{}, err
			}
			x := args[0].Shape
			return ir.Float32(x[0], x[1:].Elements()), wantChannels(args[0])
		},
		Expand: func(b *ir.Builder, y *ir.Value, _ ir.Mode) *ir.Value {
			return b.Reshape(y.Name, y.Args[0], y.Type.Shape...)
		},
		Sample: func(r *rand.Rand) ir.Sample {
			return ir.Sample{Attrs: ir.Attrs{},
				Args: []ir.SampleArg{argument(signed, sizes(r, 2+2*r.IntN(2), 4)...)}}
		},
	}
}
