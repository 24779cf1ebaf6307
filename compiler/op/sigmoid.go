package op

import (
	"math"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// sigmoid is the logistic function. Where e^-x overflows the quotient is 0, as it should be. The
// derivative is not taken from the result y, as y·(1-y): a result near 1 does not tell 1-y.
func sigmoid() *ir.Op {
	return &ir.Op{
		Name: "sigmoid", Kind: ir.Map, Doc: "y = 1/(1 + e^-x)",
		Shape:  elementwise(1),
		Body:   func(ir.Attrs) *scalar.Expr { return scalar.MustParse("1/(1 + exp(-x0))") },
		Sample: sampleUnary(nil),
		Known: func() []ir.Known {
			x := []ir.SampleArg{rows([]float64{-far, -100, 0, 100, far})}
			return []ir.Known{knownAt(ir.Attrs{}, x, 0, math.Exp(-100), 0.5, 1, 1)}
		},
		// dx = dy·e/(1 + e)², e = e^-|x|: the derivative is the same for x and -x
		Grad: func(b *ir.Builder, y, dy *ir.Value) []*ir.Value {
			x := y.Args[0]
			e := scalar.MustParse("exp(min(x0, -x0))")
			slope := scalar.Subst(scalar.MustParse("x0/((1 + x0)*(1 + x0))"), []*scalar.Expr{e})
			return []*ir.Value{b.Map("d."+x.Name, x.Type.Shape,
				scalar.Product(scalar.X(1), slope), x, dy)}
		},
	}
}
