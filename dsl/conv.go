package dsl

import "github.com/gradc/gradc/compiler/ir"

// Conv2D moves square kernels over images and yields one channel per kernel:
//
//	y[o, i, j] = Σ_c,k,l w[o, c, k, l] · x[c, i·stride + k·dilation - padding, j·… ] + bias[o]
//
// An input of h rows gives ⌊(h + 2·padding - dilation·(kernel-1) - 1)/stride⌋ + 1 rows; columns
// likewise. Options: [Stride], [Padding], [Same], [Dilation], [KernelWidth], [NoBias], [Init] and
// [Name].
func Conv2D(channels, kernel int, options ...Option) Layer {
	c := newCall("Conv2D", "conv")
	s := c.settings(settings{init: HeNormal}, options,
		"Stride", "Padding", "Same", "Dilation", "KernelWidth", "NoBias", "Init", "Name")
	c.size("channels", channels, 1)
	c.anyInit(s.init)
	w := c.window(kernel, s, []int{1, 1})
	attrs := ir.Attrs{"stride": w.stride, "pad": w.padding, "dilation": w.dilation}
	return c.layer(func(u *use, x *ir.Value) *ir.Value {
		in, area := x.Type.Shape[1], w.kernel[0]*w.kernel[1]
		weight := u.weight("weight", s.init, in*area, channels*area,
			channels, in, w.kernel[0], w.kernel[1])
		return u.biased(s.noBias, channels, "conv2d", attrs, x, weight)
	})
}
