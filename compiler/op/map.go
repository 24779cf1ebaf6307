package op

import (
	"fmt"
	"math/rand/v2"

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
		Body:   func(a ir.Attrs) *scalar.Expr { return a.Body("body") },
		Sample: sampleMap,
	}
}

// sampleMap draws one of a few expressions of three arguments that repeat along random axes.
func sampleMap(r *rand.Rand) ir.Sample {
	bodies := []string{
		"x0*x1 - x2/x0",
		"exp(-x0) + log(x1)*sqrt(x2)",
		"rsqrt(x0 + x1*x1) - x2*i0",
		"min(x0, x1)*max(x1, x2)",
		"select(x0 < x1, x0*x2, x1 + x2) + select(x1 <= x2, x0, 2)",
		"select(rand(0) < 0.5, x0*x1, select(i0 == 1, x2, x0))",
	}
	s := sampleElements(r, 3)
	s.Attrs["body"] = scalar.MustParse(bodies[r.IntN(len(bodies))])
	return s
}

// sampleElements draws a shape and n positive arguments that repeat along random axes of it.
func sampleElements(r *rand.Rand, n int) ir.Sample {
	shape := anyShape(r)
	s := ir.Sample{Attrs: ir.Attrs{"shape": []int(shape)}}
	for range n {
		s.Args = append(s.Args, argument(between(0.5, 2), repeated(r, shape)...))
	}
	return s
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
