package op

import (
	"fmt"
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/ir"
)

// linear multiplies rows x [N,in] with weights w [out,in].
func linear() *ir.Op {
	return &ir.Op{
		Name: "linear", Kind: ir.Composite, Doc: "y = x·wᵀ",
		Shape: func(args []ir.Type, _ ir.Attrs) (ir.Type, error) {
			if err := wantArgs(args, 2); err != nil {
				return ir.Type{}, err
			}
			x, w := args[0], args[1]
			if len(x.Shape) != 2 {
				return ir.Type{}, fmt.Errorf("input is %s, want f32[batch,features]; flatten it",
					typeOf(x))
			}
			if err := wantMatrix("weight", w); err != nil {
				return ir.Type{}, err
			}
			if x.Shape[1] != w.Shape[1] {
				return ir.Type{}, fmt.Errorf("input has %s, weights %s are for %d",
					ir.Plural(x.Shape[1], "feature"), w.Shape, w.Shape[1])
			}
			return ir.Float32(x.Shape[0], w.Shape[0]), nil
		},
		Expand: func(b *ir.Builder, y *ir.Value, _ ir.Mode) *ir.Value {
			return b.Apply(y.Name, "matmul", y.Args, ir.Attrs{"trans_a": false, "trans_b": true})
		},
		Sample: func(r *rand.Rand) ir.Sample {
			n, in, out := size(r, 5), size(r, 7), size(r, 5)
			return ir.Sample{Attrs: ir.Attrs{},
				Args: []ir.SampleArg{argument(signed, n, in), argument(signed, out, in)}}
		},
	}
}
