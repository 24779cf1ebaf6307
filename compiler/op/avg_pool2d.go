package op

import (
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/ir"
)

// avgPool2d is the mean of the elements under a window. Padding counts as zeros, or not at all
// where count_include_pad is false.
func avgPool2d() *ir.Op {
	return &ir.Op{
		Name: "avg_pool2d", Kind: ir.Kernel,
		Doc:   "y[n,c,i,j] = mean_k,l x[n, c, i·stride + k - pad, …]",
		Attrs: poolAttrs(ir.AttrSpec{Name: "count_include_pad", Kind: ir.Bool}),
		Shape: poolShape,
		Grad: func(b *ir.Builder, y, dy *ir.Value) []*ir.Value {
			x := y.Args[0]
			size := []int{x.Type.Shape[2], x.Type.Shape[3]}
			return []*ir.Value{b.Apply("d."+x.Name, "avg_pool2d_dx", []*ir.Value{dy},
				with(y.Attrs, "size", size))}
		},
		Ref: func(y ir.Tensor, in []ir.Tensor, a ir.Attrs) {
			x := in[0]
			eachShare(x.Shape, y.Shape, a, func(xi, yi int, share float64) {
				y.Data[yi] += share * x.Data[xi]
			})
		},
		Flops: poolFlops,
		Sample: func(r *rand.Rand) ir.Sample {
			x, _, a := samplePool(r)
			return ir.Sample{Args: []ir.SampleArg{argument(signed, x...)},
				Attrs: with(a, "count_include_pad", r.IntN(2) == 0)}
		},
	}
}

// eachShare calls f for every element of every window with its share in the window's mean.
func eachShare(x, y ir.Shape, a ir.Attrs, f func(xi, yi int, share float64)) {
	win, height, width := poolWindow(a), x[2], x[3]
	yi := 0
	for p := range y[0] * y[1] {
		for oy := range y[2] {
			for ox := range y[3] {
				count := 0
				win.each(oy, ox, height, width, func(_, _, _, _ int) { count++ })
				if a.Bool("count_include_pad") {
					count = win.kernel[0] * win.kernel[1]
				}
				win.each(oy, ox, height, width, func(_, _, iy, ix int) {
					f((p*height+iy)*width+ix, yi, 1/float64(count))
				})
				yi++
			}
		}
	}
}
