package op

import (
	"fmt"
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// bias adds one number per channel or feature (axis 1).
func bias() *ir.Op {
	return &ir.Op{
		Name: "bias", Kind: ir.Composite, Doc: "y[n,c,…] = x[n,c,…] + b[c]",
		Shape: func(args []ir.Type, _ ir.Attrs) (ir.Type, error) {
			if err := wantArgs(args, 2); err != nil {
				return ir.Type{}, err
			}
			x := args[0]
			if err := wantChannels(x); err != nil {
				return ir.Type{}, err
			}
			return ir.Float32(x.Shape...), wantVector("bias", args[1], x.Shape[1])
		},
		Expand: func(b *ir.Builder, y *ir.Value, _ ir.Mode) *ir.Value {
			x := y.Args[0]
			return b.Map(y.Name, x.Type.Shape, scalar.MustParse("x0 + x1"),
				x, perChannel(b, y.Args[1], x.Type.Shape))
		},
		Sample: func(r *rand.Rand) ir.Sample {
			shape := sizes(r, 2+2*r.IntN(2), 4)
			return ir.Sample{Attrs: ir.Attrs{},
				Args: []ir.SampleArg{argument(signed, shape...), argument(signed, shape[1])}}
		},
	}
}

// wantChannels reports a value that is neither [batch, features] nor images.
func wantChannels(t ir.Type) error {
	if len(t.Shape) != 2 && len(t.Shape) != 4 || t.DType != ir.F32 {
		return fmt.Errorf("input is %s, want f32[batch,features] or "+
			"f32[batch,channels,height,width]", typeOf(t))
	}
	return nil
}
