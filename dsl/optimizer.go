package dsl

import "github.com/gradc/gradc/compiler/ir"

// Optimizer is how a gradient changes the parameters. Its learning rate is the highest one of the
// training; the schedule multiplies it by a factor of at most 1.
type Optimizer struct {
	call   *call
	rate   float64
	choice ir.Choice
}

// SGD is stochastic gradient descent, with the gradient g of the parameters w:
//
//	v = momentum·v + g + decay·w,  w = w - rate·v
//
// or, with [Nesterov], w = w - rate·(g + decay·w + momentum·v). Options: [Momentum], [WeightDecay]
// and [Nesterov]; by default there is neither momentum nor decay.
func SGD(rate float64, options ...Option) Optimizer {
	c := newCall("SGD", "")
	s := c.settings(settings{}, options, "Momentum", "WeightDecay", "Nesterov")
	c.belowOne("momentum", s.momentum)
	c.notNegative("weight decay", s.weightDecay)
	c.want(!s.nesterov || s.momentum > 0, "Nesterov needs a Momentum")
	nesterov := 0.0
	if s.nesterov {
		nesterov = 1
	}
	return c.optimizer("sgd", rate, arg("momentum", s.momentum),
		arg("weight_decay", s.weightDecay), arg("nesterov", nesterov))
}

// Adam divides a running average of the gradient by the root of that of its square, both freed
// from their bias towards zero at the beginning. Options: [Betas] (0.9 and 0.999) and [Eps] (1e-8).
//
// Source: Kingma and Ba, "Adam: a method for stochastic optimization" (2015).
func Adam(rate float64, options ...Option) Optimizer {
	c := newCall("Adam", "")
	s := c.settings(adamDefaults(), options, "Betas", "Eps")
	return c.optimizer("adam", rate, c.adam(s)...)
}

// AdamW is [Adam] with a [WeightDecay] (0.01) that stays out of the averages. Options:
// [WeightDecay], [Betas] and [Eps].
//
// Source: Loshchilov and Hutter, "Decoupled weight decay regularization" (2019).
func AdamW(rate float64, options ...Option) Optimizer {
	c := newCall("AdamW", "")
	s := c.settings(adamDefaults(), options, "WeightDecay", "Betas", "Eps")
	c.notNegative("weight decay", s.weightDecay)
	return c.optimizer("adamw", rate, append(c.adam(s), arg("weight_decay", s.weightDecay))...)
}

func adamDefaults() settings {
	return settings{beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.01}
}

func (c *call) adam(s settings) []ir.Arg {
	c.belowOne("the first of Betas", s.beta1)
	c.belowOne("the second of Betas", s.beta2)
	c.positive("eps", s.eps)
	return []ir.Arg{arg("beta1", s.beta1), arg("beta2", s.beta2), arg("eps", s.eps)}
}

func (c *call) optimizer(name string, rate float64, args ...ir.Arg) Optimizer {
	c.positive("rate", rate)
	return Optimizer{c, rate, ir.Choice{Name: name, Args: args}}
}

func arg(name string, v float64) ir.Arg { return ir.Arg{Name: name, Value: v} }
