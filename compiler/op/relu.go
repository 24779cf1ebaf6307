package op

import (
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// relu is the rectifier; its derivative at 0 is 0.
func relu() *ir.Op {
	return &ir.Op{
		Name: "relu", Kind: ir.Map, Doc: "y = max(x, 0)",
		Shape:  elementwise(1),
		Body:   func(ir.Attrs) *scalar.Expr { return scalar.MustParse("max(x0, 0)") },
		Sign:   func(ir.Attrs) bool { return true },
		Sample: sampleUnary(nil),
	}
}
