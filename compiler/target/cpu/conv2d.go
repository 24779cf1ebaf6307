package cpu

import (
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/target"
)

// conv2d computes 16 channels of the result at a time; kernels of 3x3 are transformed where that
// pays.
func conv2d() target.Kernel {
	return target.Kernel{
		Layouts: func(u target.Use) ([]ir.Layout, ir.Layout) {
			return []ir.Layout{convInput(u.Args[0], u.Attrs), {Order: oihw16o}},
				ir.Layout{Order: nchw16c}
		},
		Rewrite: winogradForward,
	}
}

// convInput is how the input of a convolution lies: with a border of zeros for its padding, and
// row-major where there are so few channels that lanes would be wasted on them.
func convInput(x ir.Type, a ir.Attrs) ir.Layout {
	pad := a.Ints("pad")
	l := ir.Layout{Order: nchw16c, Halo: [2]int{pad[0], pad[1]}}
	if x.Shape[1] < lanes/2 {
		l.Order = ir.RowMajor
	}
	return l
}
