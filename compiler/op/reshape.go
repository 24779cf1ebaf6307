package op

import (
	"fmt"
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/ir"
)

// reshape is the same elements in row-major order under another shape.
func reshape() *ir.Op {
	return &ir.Op{
		Name: "reshape", Kind: ir.View, Doc: "y = x under another shape",
		Attrs: []ir.AttrSpec{{Name: "shape", Kind: ir.Ints}},
		Shape: func(args []ir.Type, a ir.Attrs) (ir.Type, error) {
			shape := ir.Shape(a.Ints("shape"))
			if err := wantArgs(args, 1); err != nil {
				return ir.Type{}, err
			}
			if args[0].Shape.Elements() != shape.Elements() {
				return ir.Type{}, fmt.Errorf("%s and %s have different numbers of elements",
					args[0].Shape, shape)
			}
			return ir.Type{DType: args[0].DType, Shape: shape}, nil
		},
		Grad: func(b *ir.Builder, y, dy *ir.Value) []*ir.Value {
			x := y.Args[0]
			return []*ir.Value{b.Reshape("d."+x.Name, dy, x.Type.Shape...)}
		},
		Sample: func(r *rand.Rand) ir.Sample {
			x := sizes(r, 4, 4)
			merged := [][]int{{x[0], x[1] * x[2] * x[3]}, {x[1], x[2], x[3], x[0]},
				{x[0] * x[1] * x[2] * x[3]}, {1, x[3], x[0] * x[2] * x[1], 1}}
			return ir.Sample{Args: []ir.SampleArg{argument(signed, x...)},
				Attrs: ir.Attrs{"shape": merged[r.IntN(4)]}}
		},
	}
}
