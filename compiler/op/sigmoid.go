package op

import (
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// sigmoid is the logistic function. Where e^-x overflows the quotient is 0, as it should be; the
// derivative is taken from the result, so that no infinity meets another.
func sigmoid() *ir.Op {
	return &ir.Op{
		Name: "sigmoid", Kind: ir.Map, Doc: "y = 1/(1 + e^-x)",
		Shape:  elementwise(1),
		Body:   func(ir.Attrs) *scalar.Expr { return logistic(scalar.X(0)) },
		Sample: sampleUnary(nil),
		// dx = dy·y·(1-y)
		Grad: func(b *ir.Builder, y, dy *ir.Value) []*ir.Value {
			x := y.Args[0]
			return []*ir.Value{b.Map("d."+x.Name, x.Type.Shape,
				scalar.MustParse("x0*(x1*(1 - x1))"), dy, y)}
		},
	}
}

// logistic returns 1/(1 + e^-x).
func logistic(x *scalar.Expr) *scalar.Expr {
	return scalar.Subst(scalar.MustParse("1/(1 + exp(-x0))"), []*scalar.Expr{x})
}
