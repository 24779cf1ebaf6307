package op

import (
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// add is the sum of two values; sizes of 1 repeat.
func add() *ir.Op {
	return &ir.Op{
		Name: "add", Kind: ir.Map, Doc: "y = a + b",
		Shape:  elementwise(2),
		Body:   func(ir.Attrs) *scalar.Expr { return scalar.MustParse("x0 + x1") },
		Sample: sampleBinary,
	}
}
