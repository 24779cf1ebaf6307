package op

import (
	"fmt"
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// softplus is a smooth rectifier, and x itself where beta·x exceeds threshold, as in PyTorch.
func softplus() *ir.Op {
	return &ir.Op{
		Name: "softplus", Kind: ir.Map,
		Doc:   "y = x where beta·x > threshold, else ln(1 + e^(beta·x))/beta",
		Attrs: []ir.AttrSpec{{Name: "beta", Kind: ir.Float}, {Name: "threshold", Kind: ir.Float}},
		Shape: func(args []ir.Type, a ir.Attrs) (ir.Type, error) {
			if beta := a.Float("beta"); !(beta > 0) {
				return ir.Type{}, fmt.Errorf("beta %v is not positive", beta)
			}
			return elementwise(1)(args, a)
		},
		// ln(1 + e^z) = max(z, 0) + ln(1 + e^-|z|), which does not overflow.
		Body: func(a ir.Attrs) *scalar.Expr {
			soft := scalar.Subst(scalar.MustParse("max(x0, 0) + log(1 + exp(-max(x0, -x0)))"),
				[]*scalar.Expr{scaled(a)})
			return scalar.If(isLinear(a), scalar.X(0),
				scalar.Quotient(soft, scalar.C(a.Float("beta"))))
		},
		// dx = dy where beta·x > threshold, else dy/(1 + e^(-beta·x))
		Grad: func(b *ir.Builder, y, dy *ir.Value) []*ir.Value {
			x, a := y.Args[0], y.Attrs
			e := scalar.Product(scalar.X(1),
				scalar.If(isLinear(a), scalar.C(1), logistic(scaled(a))))
			return []*ir.Value{b.Map("d."+x.Name, x.Type.Shape, e, x, dy)}
		},
		Sample: sampleUnary(func(r *rand.Rand) ir.Attrs {
			return ir.Attrs{"beta": 0.5 + r.Float64(), "threshold": 4 + 20*r.Float64()}
		}),
	}
}

// scaled returns beta·x.
func scaled(a ir.Attrs) *scalar.Expr {
	return scalar.Product(scalar.C(a.Float("beta")), scalar.X(0))
}

// isLinear returns threshold < beta·x.
func isLinear(a ir.Attrs) *scalar.Expr {
	return scalar.Apply(scalar.Less, scalar.C(a.Float("threshold")), scaled(a))
}
