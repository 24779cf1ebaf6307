package dsl

import "github.com/gradc/gradc/compiler/ir"

// Linear multiplies features by a matrix: y = x·wᵀ + bias. Options: [NoBias], [Init] and [Name].
func Linear(features int, options ...Option) Layer {
	c := newCall("Linear", "fc")
	s := c.settings(settings{init: HeNormal}, options, "NoBias", "Init", "Name")
	c.size("features", features, 1)
	c.anyInit(s.init)
	return c.layer(func(u *use, x *ir.Value) *ir.Value {
		in := x.Type.Shape[1]
		weight := u.weight("weight", s.init, in, features, features, in)
		return u.biased(s.noBias, features, "linear", nil, x, weight)
	})
}

// Flatten lays the channels, rows and columns of images side by side as features. The only option
// is [Name].
func Flatten(options ...Option) Layer {
	c := newCall("Flatten", "flatten")
	c.settings(settings{}, options, "Name")
	return c.simple("flatten", nil)
}

// Dropout replaces each element by 0 with probability p in training, and divides the others by
// 1-p; p is at least 0 and below 1. The only option is [Name].
//
// Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting"
// (2014).
func Dropout(p float64, options ...Option) Layer {
	c := newCall("Dropout", "drop")
	c.settings(settings{}, options, "Name")
	c.belowOne("p", p)
	return c.layer(func(u *use, x *ir.Value) *ir.Value {
		site := u.dropouts // each use draws its own numbers
		u.dropouts++
		return u.result("dropout", ir.Attrs{"p": p, "site": site}, x)
	})
}
