package op

import (
	"fmt"
	"math"
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
		// ln(1 + e^z)/beta = max(x, 0) + ln(1 + e)/beta with e = e^-|z|, which does not overflow.
		Body: func(a ir.Attrs) *scalar.Expr {
			soft := scalar.Quotient(scalar.Apply(scalar.Log1p, vanishing(a)),
				scalar.C(a.Float("beta")))
			rectified := scalar.MustParse("max(x0, 0)")
			return scalar.If(isLinear(a), scalar.X(0), scalar.Sum(rectified, soft))
		},
		// dx = dy where beta·x > threshold, else dy/(1 + e) for x > 0 and dy·e/(1 + e) for others
		Grad: func(b *ir.Builder, y, dy *ir.Value) []*ir.Value {
			x, a := y.Args[0], y.Attrs
			e := vanishing(a)
			slope := scalar.Quotient(scalar.If(positive(scalar.X(0)), scalar.C(1), e),
				scalar.Sum(scalar.C(1), e))
			dx := scalar.Product(scalar.X(1), scalar.If(isLinear(a), scalar.C(1), slope))
			return []*ir.Value{b.Map("d."+x.Name, x.Type.Shape, dx, x, dy)}
		},
		Sample: sampleUnary(func(r *rand.Rand) ir.Attrs {
			return ir.Attrs{"beta": 0.5 + r.Float64(), "threshold": 4 + 20*r.Float64()}
		}),
		Known: func() []ir.Known {
			at := func(beta, threshold float64, y ...float64) ir.Known {
				return knownAt(ir.Attrs{"beta": beta, "threshold": threshold},
					[]ir.SampleArg{rows([]float64{-far, -100, 0, 100, far})}, y...)
			}
			return []ir.Known{at(1, 20, 0, math.Exp(-100), math.Ln2, 100, far),
				at(2, math.Inf(1), 0, math.Exp(-200)/2, math.Ln2/2, 100, far)}
		},
	}
}

// vanishing returns e^-|beta·x|.
func vanishing(a ir.Attrs) *scalar.Expr {
	return expOf(a.Float("beta"), scalar.MustParse("min(x0, -x0)"))
}

// isLinear returns threshold < beta·x, as threshold/beta < x: beta·x would be rounded. The quotient
// is rounded down, which float32 numbers x that are compared with it do not notice.
func isLinear(a ir.Attrs) *scalar.Expr {
	limit := a.Float("threshold") / a.Float("beta")
	below := float32(limit)
	if float64(below) > limit {
		below = math.Nextafter32(below, float32(math.Inf(-1)))
	}
	return scalar.Apply(scalar.Less, scalar.C(float64(below)), scalar.X(0))
}
