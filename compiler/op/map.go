package op

import (
	"fmt"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// mapOp is any expression of the elements of its arguments, over a given shape along which
// arguments of size 1 repeat: y = body(x0, x1, …). Without arguments it fills the shape.
func mapOp() *ir.Op {
	return &ir.Op{
		Name: "map", Kind: ir.Map, Doc: "y = body(x0, x1, …)",
		Attrs: []ir.AttrSpec{{Name: "shape", Kind: ir.Ints}, {Name: "body", Kind: ir.Body}},
		Shape: func(args []ir.Type, a ir.Attrs) (ir.Type, error) {
			if err := checkReads(a.Body("body"), len(args)); err != nil {
				return ir.Type{}, err
			}
			shape := ir.Shape(a.Ints("shape"))
			return ir.Type{Shape: shape}, repeatsTo(args, shape)
		},
		Body: func(a ir.Attrs) *scalar.Expr { return a.Body("body") },
	}
}

// checkReads reports an expression that reads more than n arguments.
func checkReads(e *scalar.Expr, n int) error {
	var err error
	e.Walk(func(e *scalar.Expr) {
		if e.Op == scalar.In && e.Index >= n {
			err = fmt.Errorf("expression reads x%d of %d arguments", e.Index, n)
		}
	})
	return err
}
