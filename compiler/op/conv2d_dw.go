package op

import (
	"fmt"
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/ir"
)

// conv2dDW is the gradient of the weights of conv2d, from the images x and dy [N,O,OH,OW].
func conv2dDW() *ir.Op {
	return &ir.Op{
		Name: "conv2d_dw", Kind: ir.Kernel, Internal: true,
		Doc: "dw[o,c,k,l] = Σ_n,i,j dy[n,o,i,j]·x[n, c, i·stride + k·dilation - pad, …]",
		Attrs: []ir.AttrSpec{{Name: "stride", Kind: ir.Ints}, {Name: "pad", Kind: ir.Ints},
			{Name: "dilation", Kind: ir.Ints}, {Name: "kernel", Kind: ir.Ints}},
		Shape: conv2dDWShape,
		Ref: func(dw ir.Tensor, in []ir.Tensor, a ir.Attrs) {
			x, dy := in[0], in[1]
			eachProduct(convWindow(dw.Shape, a), x.Shape, dy.Shape, func(xi, stride, wi, yi, count int) {
				for i := range count {
					dw.Data[wi] += dy.Data[yi+i] * x.Data[xi+i*stride]
				}
			})
		},
		Flops: func(args []ir.Type, out ir.Type, _ ir.Attrs) int64 {
			return conv2dFlops(args[1].Shape, out.Shape)
		},
		Sample: func(r *rand.Rand) ir.Sample {
			x, w, y, a := sampleConv2d(r)
			return ir.Sample{Args: []ir.SampleArg{argument(signed, x...), argument(signed, y...)},
				Attrs: with(a, "kernel", []int(w[2:]))}
		},
	}
}

func conv2dDWShape(args []ir.Type, a ir.Attrs) (ir.Type, error) {
	if err := wantArgs(args, 2); err != nil {
		return ir.Type{}, err
	}
	x, dy, kernel := args[0], args[1], a.Ints("kernel")
	if err := wantImages(dy); err != nil {
		return ir.Type{}, err
	}
	if len(x.Shape) != 4 || len(kernel) != 2 {
		return ir.Type{}, fmt.Errorf("input %s and kernel %v do not fit", x.Shape, kernel)
	}
	dw := ir.Float32(dy.Shape[1], x.Shape[1], kernel[0], kernel[1])
	return dw, wantResult(conv2dShape, []ir.Type{x, dw}, a, dy)
}
