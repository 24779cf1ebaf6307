package dsl

import "github.com/gradc/gradc/compiler/ir"

// ReLU yields max(x, 0). The only option is [Name].
func ReLU(options ...Option) Layer {
	c := newCall("ReLU", "relu")
	c.settings(settings{}, options, "Name")
	return c.simple("relu", nil)
}

// LeakyReLU yields x where it is positive, and slope·x elsewhere; 0.01 is a usual slope. The only
// option is [Name].
func LeakyReLU(slope float64, options ...Option) Layer {
	c := newCall("LeakyReLU", "lrelu")
	c.settings(settings{}, options, "Name")
	c.finite("slope", slope)
	return c.simple("leaky_relu", ir.Attrs{"slope": slope})
}

// Sigmoid yields 1/(1 + exp(-x)). The only option is [Name].
func Sigmoid(options ...Option) Layer {
	c := newCall("Sigmoid", "sigmoid")
	c.settings(settings{}, options, "Name")
	return c.simple("sigmoid", nil)
}

// Softplus yields log(1 + exp(beta·x))/beta, a smooth ReLU, and x itself where beta·x is above
// the threshold; usual are 1 and 20. The only option is [Name].
func Softplus(beta, threshold float64, options ...Option) Layer {
	c := newCall("Softplus", "softplus")
	c.settings(settings{}, options, "Name")
	c.positive("beta", beta)
	c.notNegative("threshold", threshold)
	return c.simple("softplus", ir.Attrs{"beta": beta, "threshold": threshold})
}

// SELU yields 1.0507·x where x is positive, and 1.7581·(exp(x) - 1) elsewhere. The only option is
// [Name].
//
// Source: Klambauer et al., "Self-normalizing neural networks" (2017).
func SELU(options ...Option) Layer {
	c := newCall("SELU", "selu")
	c.settings(settings{}, options, "Name")
	return c.simple("selu", nil)
}

// Scale yields factor·x. The only option is [Name].
func Scale(factor float64, options ...Option) Layer {
	c := newCall("Scale", "scale")
	c.settings(settings{}, options, "Name")
	c.finite("factor", factor)
	return c.simple("scale", ir.Attrs{"factor": factor})
}

// Softmax yields exp(x)/Σ exp(x), summed over the channels or features. At the end of a network
// it is a mistake: losses take logits and have a softmax of their own. The only option is [Name].
func Softmax(options ...Option) Layer {
	c := newCall("Softmax", "softmax")
	c.settings(settings{}, options, "Name")
	return c.simple("softmax", nil)
}
