package op

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// reduce folds an expression over shape along axes, which keep size 1: sum, mean, max, or var, the
// mean squared deviation from the mean (divided by n, not n-1).
func reduce() *ir.Op {
	return &ir.Op{
		Name: "reduce", Kind: ir.Reduce, Doc: "y = fold of body(x0, x1, …) along axes",
		Attrs: []ir.AttrSpec{{Name: "shape", Kind: ir.Ints}, {Name: "fold", Kind: ir.String},
			{Name: "axes", Kind: ir.Ints}, {Name: "body", Kind: ir.Body}},
		Shape:  reduceShape,
		Body:   func(a ir.Attrs) *scalar.Expr { return a.Body("body") },
		Grad:   reduceGrad,
		Sample: sampleReduce,
	}
}

// folds lists the ways to make one number of many.
func folds() []string { return []string{"sum", "mean", "var", "max"} }

func reduceShape(args []ir.Type, a ir.Attrs) (ir.Type, error) {
	if err := checkReads(a.Body("body"), len(args)); err != nil {
		return ir.Type{}, err
	}
	if !slices.Contains(folds(), a.Str("fold")) {
		return ir.Type{}, fmt.Errorf("there is no fold %q; there are %s", a.Str("fold"),
			strings.Join(folds(), ", "))
	}
	shape := slices.Clone(ir.Shape(a.Ints("shape")))
	if err := repeatsTo(args, shape); err != nil {
		return ir.Type{}, err
	}
	for _, axis := range a.Ints("axes") {
		if axis < 0 || axis >= len(shape) {
			return ir.Type{}, fmt.Errorf("axis %d of shape %s", axis, shape)
		}
		shape[axis] = 1
	}
	return ir.Type{Shape: shape}, nil
}

// reduceGrad differentiates folds of expressions. With e = body(x0, …) and n folded elements:
//
//	sum:  de = dy      mean: de = dy/n      var: de = 2(e - mean(e))/n · dy
//
// and dxᵢ = de·∂e/∂xᵢ, summed where xᵢ repeats. A maximum has no rule: its users have their own.
func reduceGrad(b *ir.Builder, y, dy *ir.Value) []*ir.Value {
	body, shape := y.Body(), ir.Shape(y.Attrs.Ints("shape"))
	n := float64(shape.Elements() / y.Type.Shape.Elements())
	args := append(slices.Clone(y.Args), dy)
	de := scalar.X(len(y.Args))
	switch fold := y.Attrs.Str("fold"); fold {
	case "sum":
	case "mean":
		de = scalar.Quotient(de, scalar.C(n))
	case "var":
		mean := b.Reduce(y.Name+".mean", shape, "mean", y.Attrs.Ints("axes"), body, y.Args...)
		args = append(args, mean)
		deviation := scalar.Difference(body, scalar.X(len(args)-1))
		de = scalar.Product(scalar.Product(scalar.C(2/n), deviation), de)
	case "max":
		return nil
	default:
		panic("op: there is no gradient rule for the fold " + fold)
	}
	return gradients(b, y, shape, body, de, args)
}

// MapGrad returns the gradients of the arguments of a Map from the derivatives of its body:
// dxᵢ = dy·∂y/∂xᵢ, summed where xᵢ repeats.
func MapGrad(b *ir.Builder, y, dy *ir.Value) []*ir.Value {
	args := append(slices.Clone(y.Args), dy)
	return gradients(b, y, y.Type.Shape, y.Body(), scalar.X(len(y.Args)), args)
}

// gradients applies the chain rule to e = body(y.Args) over domain with gradient de(args).
func gradients(
	b *ir.Builder, y *ir.Value, domain ir.Shape, body, de *scalar.Expr, args []*ir.Value,
) []*ir.Value {
	grads := make([]*ir.Value, len(y.Args))
	for i, x := range y.Args {
		e := scalar.Product(de, scalar.Diff(body, i))
		if x.Type.DType != ir.F32 || e.Op == scalar.Const && e.Value == 0 {
			continue
		}
		grads[i] = SumTo(b, "d."+x.Name, x.Type.Shape, domain, e, args...)
	}
	return grads
}

// SumTo appends e(args), an expression over domain, summed along the axes where shape has size 1:
// the gradient of a value of that shape that repeats along domain.
func SumTo(
	b *ir.Builder, name string, shape, domain ir.Shape, e *scalar.Expr, args ...*ir.Value,
) *ir.Value {
	var axes []int
	for axis := range shape {
		if shape[axis] == 1 && domain[axis] != 1 {
			axes = append(axes, axis)
		}
	}
	if len(axes) == 0 {
		return b.Map(name, domain, e, args...)
	}
	return b.Reduce(name, domain, "sum", axes, e, args...)
}

func sampleReduce(r *rand.Rand) ir.Sample {
	bodies := []string{"x0 + x1*x1", "x0*x1", "exp(x0 - x1)", "select(x0 < 1, x0, log(x1))"}
	s := sampleElements(r, 2)
	s.Attrs["body"] = scalar.MustParse(bodies[r.IntN(len(bodies))])
	s.Attrs["fold"] = folds()[r.IntN(len(folds()))]
	axes := []int{}
	for axis := range s.Attrs.Ints("shape") {
		if r.IntN(2) == 0 {
			axes = append(axes, axis)
		}
	}
	s.Attrs["axes"] = axes
	if s.Attrs["fold"] == "max" { // has no gradient
		s.Args[0], s.Args[1] = data(s.Args[0]), data(s.Args[1])
	}
	return s
}
