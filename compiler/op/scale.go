package op

import (
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// scale multiplies a value by a number.
func scale() *ir.Op {
	return &ir.Op{
		Name: "scale", Kind: ir.Map, Doc: "y = factor·x",
		Attrs: []ir.AttrSpec{{Name: "factor", Kind: ir.Float}},
		Shape: elementwise(1),
		Body: func(a ir.Attrs) *scalar.Expr {
			return scalar.Product(scalar.C(a.Float("factor")), scalar.X(0))
		},
		Sample: sampleUnary(func(r *rand.Rand) ir.Attrs {
			return ir.Attrs{"factor": signed(r)}
		}),
	}
}
