package op

import (
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// adam follows the mean of the gradient over the root of the mean of its square. In step t, with
// learning rate η and
//
//	correction1 = 1/(1 - beta1^t)    correction2 = 1/√(1 - beta2^t)
//
// which the host computes:
//
//	m = beta1·m + (1-beta1)·g    v = beta2·v + (1-beta2)·g²
//	w = w - η·correction1·m/(√v·correction2 + eps)
//
// Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1.
func adam() Optimizer {
	return Optimizer{
		Name: "adam",
		Args: []ir.Arg{{Name: "beta1", Value: 0.9}, {Name: "beta2", Value: 0.999},
			{Name: "eps", Value: 1e-8}},
		Moments: []string{"first_moment", "second_moment"},
		Scalars: []string{"learning_rate", "correction1", "correction2"},
		Update:  adamUpdate,
	}
}

func adamUpdate(
	b *ir.Builder, c ir.Choice, w, grad *ir.Value, moments, scalars []*ir.Value,
) (*ir.Value, []*ir.Value) {
	shape := w.Type.Shape
	average := func(name string, beta float64, e *scalar.Expr, old *ir.Value) *ir.Value {
		return b.Map(name, shape, scalar.Sum(scalar.Product(scalar.C(beta), scalar.X(0)),
			scalar.Product(scalar.C(1-beta), e)), old, grad)
	}
	m := average("first_moment.next", c.Arg("beta1"), scalar.X(1), moments[0])
	v := average("second_moment.next", c.Arg("beta2"), scalar.MustParse("x1*x1"), moments[1])

	// Of the arguments w, m, v, learning rate, correction1, correction2:
	step := scalar.Quotient(scalar.MustParse("x3*x4*x1"),
		scalar.Sum(scalar.MustParse("sqrt(x2)*x5"), scalar.C(c.Arg("eps"))))
	decayed := scalar.Product(scalar.X(0), scalar.Difference(scalar.C(1),
		scalar.Product(scalar.C(c.Arg("weight_decay")), scalar.X(3))))
	next := b.Map("params.next", shape, scalar.Difference(decayed, step),
		w, m, v, scalars[0], scalars[1], scalars[2])
	return next, []*ir.Value{m, v}
}
