package op

import (
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// leakyReLU lets negative elements through, scaled by slope; its derivative at 0 is slope.
func leakyReLU() *ir.Op {
	return &ir.Op{
		Name: "leaky_relu", Kind: ir.Map, Doc: "y = x where x > 0, else slope·x",
		Attrs: []ir.AttrSpec{{Name: "slope", Kind: ir.Float}},
		Shape: elementwise(1),
		Body: func(a ir.Attrs) *scalar.Expr {
			x := scalar.X(0)
			return scalar.If(positive(x), x, scalar.Product(scalar.C(a.Float("slope")), x))
		},
		Sign: func(a ir.Attrs) bool { return a.Float("slope") >= 0 },
		Sample: sampleUnary(func(r *rand.Rand) ir.Attrs {
			return ir.Attrs{"slope": r.Float64()}
		}),
	}
}

// positive returns 0 < e.
func positive(e *scalar.Expr) *scalar.Expr { return scalar.Apply(scalar.Less, scalar.C(0), e) }
