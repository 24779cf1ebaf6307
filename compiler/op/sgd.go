package op

import (
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// sgd is stochastic gradient descent with momentum, in PyTorch's form. With learning rate η,
// momentum µ and weight decay λ:
//
//	g = grad + λ·w    m = µ·m + g    w = w - η·m, or w - η·(g + µ·m) with nesterov
func sgd() Optimizer {
	return Optimizer{
		Name:    "sgd",
		Args:    []ir.Arg{{Name: "momentum"}, {Name: "weight_decay"}, {Name: "nesterov"}},
		Moments: []string{"momentum"},
		Scalars: []string{"learning_rate"},
		Update: func(b *ir.Builder, c ir.Choice, w, grad *ir.Value, moments, scalars []*ir.Value,
		) (*ir.Value, []*ir.Value) {
			shape, momentum := w.Type.Shape, scalar.C(c.Arg("momentum"))
			decay := scalar.Product(scalar.C(c.Arg("weight_decay")), scalar.X(0))
			g := scalar.Sum(scalar.X(1), decay)
			m := b.Map("momentum.next", shape,
				scalar.Sum(scalar.Product(momentum, scalar.X(2)), g), w, grad, moments[0])
			step := scalar.X(2)
			if c.Arg("nesterov") != 0 {
				step = scalar.Sum(g, scalar.Product(momentum, step))
			}
			next := scalar.Difference(scalar.X(0), scalar.Product(scalar.X(3), step))
			return b.Map("params.next", shape, next, w, grad, m, scalars[0]), []*ir.Value{m}
		},
	}
}
