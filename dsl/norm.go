package dsl

import "github.com/gradc/gradc/compiler/ir"

// BatchNorm normalises each channel of images, or each feature, over the batch:
//
//	y = (x - mean)/√(variance + eps) · weight + bias
//
// with the statistics of the batch in training, and with running averages of them elsewhere.
// The weight begins with ones (or zeros, by [Init]), the bias with zeros; eps is 1e-5 and momentum
// 0.1 by default. Options: [Affine], [Momentum], [Eps], [Init] and [Name].
//
// A BatchNorm can be applied only once: its running averages belong to one place in the network.
//
// Source: Ioffe and Szegedy, "Batch normalization" (2015).
func BatchNorm(options ...Option) Layer {
	c := newCall("BatchNorm", "bn")
	s := c.settings(settings{init: Ones, momentum: 0.1, eps: 1e-5}, options,
		"Affine", "Momentum", "Eps", "Init", "Name")
	c.fraction("momentum", s.momentum)
	c.positive("eps", s.eps)
	c.oneOf(s.init, Ones, Zeros)
	attrs := ir.Attrs{"eps": s.eps, "momentum": s.momentum, "affine": !s.plain}
	return c.layer(func(u *use, x *ir.Value) *ir.Value {
		if u.site.used {
			return u.fail("is applied a second time: its running averages would mix the " +
				"statistics of two places; make a BatchNorm for each")
		}
		u.site.used = true
		channels := x.Type.Shape[1]
		args := []*ir.Value{x}
		if !s.plain {
			args = append(args, u.weight("weight", s.init, 0, 0, channels),
				u.weight("bias", Zeros, 0, 0, channels))
		}
		args = append(args, u.statistic("running_mean", 0, channels),
			u.statistic("running_var", 1, channels))
		return u.result("batch_norm", attrs, args...)
	})
}

// statistic returns the layer's running average of the given name.
func (u *use) statistic(name string, init float64, channels int) *ir.Value {
	return u.source(name, "state", ir.Attrs{"shape": []int{channels}, "init": init})
}
