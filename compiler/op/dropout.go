package op

import (
	"fmt"
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// dropout sets each element to 0 with probability p while training and scales the others so that
// the mean stays; in evaluation it does nothing. Site tells the dropouts of a network apart.
func dropout() *ir.Op {
	return &ir.Op{
		Name: "dropout", Kind: ir.Composite, Doc: "y = 0 with probability p, else x/(1-p)",
		Attrs: []ir.AttrSpec{{Name: "p", Kind: ir.Float}, {Name: "site", Kind: ir.Int}},
		Shape: func(args []ir.Type, a ir.Attrs) (ir.Type, error) {
			if p := a.Float("p"); !(p >= 0 && p < 1) {
				return ir.Type{}, fmt.Errorf("probability %v is not in [0, 1)", p)
			}
			return elementwise(1)(args, a)
		},
		Expand: func(b *ir.Builder, y *ir.Value, mode ir.Mode) *ir.Value {
			x, p := y.Args[0], y.Attrs.Float("p")
			if mode == ir.Infer || p == 0 {
				return x
			}
			dropped := scalar.Apply(scalar.Less, scalar.RandAt(y.Attrs.Int("site")), scalar.C(p))
			kept := scalar.Product(scalar.C(1/(1-p)), scalar.X(0))
			return b.Map(y.Name, x.Type.Shape, scalar.If(dropped, scalar.C(0), kept), x)
		},
		Sample: func(r *rand.Rand) ir.Sample {
			p := []float64{0, 0.1, 0.3, 0.5, 0.9}[r.IntN(5)]
			return ir.Sample{Args: []ir.SampleArg{argument(signed, anyShape(r)...)},
				Attrs: ir.Attrs{"p": p, "site": r.IntN(3)}}
		},
	}
}
