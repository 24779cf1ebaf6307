package op

import (
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// The constants of SELU, for which activations keep mean 0 and variance 1: Klambauer et al.,
// "Self-Normalizing Neural Networks", 2017, equation 14.
const (
	seluAlpha = 1.6732632423543772848170429916717
	seluScale = 1.0507009873554804934193349852946
)

// selu is the scaled exponential linear unit.
func selu() *ir.Op {
	return &ir.Op{
		Name: "selu", Kind: ir.Map, Doc: "y = λ·x where x > 0, else λ·α·(e^x - 1)",
		Shape: elementwise(1),
		Body: func(ir.Attrs) *scalar.Expr {
			x := scalar.X(0)
			return scalar.If(positive(x), scalar.Product(scalar.C(seluScale), x),
				scalar.Product(scalar.C(seluScale*seluAlpha), scalar.Apply(scalar.Expm1, x)))
		},
		Sample: sampleUnary(nil),
		Known: func() []ir.Known {
			return []ir.Known{knownAt(ir.Attrs{}, []ir.SampleArg{rows([]float64{-far, far})},
				-1.7580993408473766, 10507.009873554805)}
		},
	}
}
