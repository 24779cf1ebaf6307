package cpu

import (
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/target"
)

// conv2dDX is a convolution of dy with the kernel flipped; with a stride, it is several, each for
// some of the pixels. The border of dy is what the kernel reaches beyond it from the pixels of dx.
func conv2dDX() target.Kernel {
	return target.Kernel{
		Layouts: func(u target.Use) ([]ir.Layout, ir.Layout) {
			dy := ir.Layout{Order: nchw16c}
			stride, pad, dilation := u.Attrs.Ints("stride"), u.Attrs.Ints("pad"), u.Attrs.Ints("dilation")
			for i := range dy.Halo {
				reach := dilation[i]*(u.Args[1].Shape[2+i]-1) - pad[i]
				last := (u.Out.Shape[2+i] - 1 + pad[i]) / stride[i]
				dy.Halo[i] = max(0, reach/stride[i], last-(u.Args[0].Shape[2+i]-1))
			}
			return []ir.Layout{dy, {Order: iohw16i}}, ir.Layout{Order: nchw16c}
		},
		Rewrite: winogradBackward,
	}
}
