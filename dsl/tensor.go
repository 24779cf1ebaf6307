package dsl

import "github.com/gradc/gradc/compiler/ir"

// Tensor is a value in a network: images of shape [batch, channels, height, width], or features
// of shape [batch, features].
type Tensor struct {
	net   *network
	value *ir.Value // nil after a mistake
}

// Layer computes a tensor from another. Funcs of this form that combine other layers are layers.
//
// A layer that is applied more than once has one set of parameters, which all its uses share.
type Layer func(x Tensor) Tensor

// Sequential applies layers one after the other.
func Sequential(layers ...Layer) Layer {
	return newCall("Sequential", "").chain(layers)
}

// Residual adds what the layers make of x to x: y = x + layers(x). The layers must keep its shape.
//
// Source: He et al., "Deep residual learning for image recognition" (2015).
func Residual(layers ...Layer) Layer {
	c := newCall("Residual", "res")
	body := c.chain(layers)
	return func(x Tensor) Tensor {
		return c.apply(residual, x, body(x))
	}
}

func residual(u *use, args []*ir.Value) *ir.Value {
	x, y := args[0].Type.Shape, args[1].Type.Shape
	if describe(x) != describe(y) {
		return u.fail("input has %s, but its layers yield %s", describe(x), describe(y))
	}
	return u.result("add", nil, args...)
}

// chain applies layers one after the other; nil ones are faults of c.
func (c *call) chain(layers []Layer) Layer {
	for i, layer := range layers {
		c.want(layer != nil, "layer %d is nil", i+1)
	}
	return func(x Tensor) Tensor {
		n := networkOf([]Tensor{x})
		if n == nil {
			return Tensor{}
		}
		n.site(c)
		if len(c.faults) > 0 {
			x = Tensor{net: n}
		}
		for _, layer := range layers {
			if layer != nil {
				x = layer(x)
			}
		}
		return x
	}
}

// Add returns a + b, element by element. An axis of size 1 repeats along the other's, so that
// [batch, channels, 1, 1] adds one number to each channel. The only option is [Name].
func Add(a, b Tensor, options ...Option) Tensor {
	c := newCall("Add", "add")
	c.settings(settings{}, options, "Name")
	return c.apply(func(u *use, args []*ir.Value) *ir.Value {
		return u.result("add", nil, args...)
	}, a, b)
}

// Multiply returns a · b, element by element. An axis of size 1 repeats along the other's, so that
// [batch, channels, 1, 1] scales whole channels. The only option is [Name].
func Multiply(a, b Tensor, options ...Option) Tensor {
	c := newCall("Multiply", "mul")
	c.settings(settings{}, options, "Name")
	return c.apply(func(u *use, args []*ir.Value) *ir.Value {
		return u.result("mul", nil, args...)
	}, a, b)
}
