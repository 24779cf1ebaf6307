package dsl

import "github.com/gradc/gradc/compiler/ir"

// MaxPool yields the maximum of each window of kernel by kernel pixels. Windows lie side by side
// unless a [Stride] is given. Options: [Stride], [Padding], [Same], [KernelWidth] and [Name].
func MaxPool(kernel int, options ...Option) Layer {
	return newCall("MaxPool", "pool").pool("max_pool2d", kernel, options, ir.Attrs{})
}

// AvgPool yields the mean of each window of kernel by kernel pixels, zeros of the padding
// included. Windows lie side by side unless a [Stride] is given. Options: [Stride], [Padding],
// [Same], [KernelWidth] and [Name].
func AvgPool(kernel int, options ...Option) Layer {
	return newCall("AvgPool", "pool").pool("avg_pool2d", kernel, options,
		ir.Attrs{"count_include_pad": true})
}

func (c *call) pool(op string, kernel int, options []Option, attrs ir.Attrs) Layer {
	s := c.settings(settings{}, options, "Stride", "Padding", "Same", "KernelWidth", "Name")
	w := c.window(kernel, s, nil)
	fits := w.padding[0] <= w.kernel[0]/2 && w.padding[1] <= w.kernel[1]/2
	c.want(fits, "Padding %v is more than half of the kernel %v: a window could lie outside",
		w.padding, w.kernel)
	attrs["kernel"], attrs["stride"], attrs["pad"] = w.kernel, w.stride, w.padding
	return c.simple(op, attrs)
}

// GlobalAvgPool yields the mean of each channel, as an image of one pixel. The only option is
// [Name].
func GlobalAvgPool(options ...Option) Layer {
	return newCall("GlobalAvgPool", "pool").globalPool("global_avg_pool", options)
}

// GlobalMaxPool yields the maximum of each channel, as an image of one pixel. The only option is
// [Name].
func GlobalMaxPool(options ...Option) Layer {
	return newCall("GlobalMaxPool", "pool").globalPool("global_max_pool", options)
}

func (c *call) globalPool(op string, options []Option) Layer {
	c.settings(settings{}, options, "Name")
	return c.simple(op, nil)
}
