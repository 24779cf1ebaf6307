package op

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
)

// conv2dDX is the gradient of the images of conv2d, from dy [N,O,OH,OW] and the weights.
func conv2dDX() *ir.Op {
	return &ir.Op{
		Name: "conv2d_dx", Kind: ir.Kernel, Internal: true,
		Doc: "dx[n, c, i·stride + k·dilation - pad, …] = Σ_o,k,l dy[n,o,i,j]·w[o,c,k,l]",
		Attrs: []ir.AttrSpec{{Name: "stride", Kind: ir.Ints}, {Name: "pad", Kind: ir.Ints},
			{Name: "dilation", Kind: ir.Ints}, {Name: "size", Kind: ir.Ints}},
		Shape: conv2dDXShape,
		Ref: func(dx ir.Tensor, in []ir.Tensor, a ir.Attrs) {
			dy, w := in[0], in[1]
			eachProduct(convWindow(w.Shape, a), dx.Shape, dy.Shape, func(xi, stride, wi, yi, count int) {
				for i := range count {
					dx.Data[xi+i*stride] += dy.Data[yi+i] * w.Data[wi]
				}
			})
		},
		Flops: func(args []ir.Type, _ ir.Type, _ ir.Attrs) int64 {
			return conv2dFlops(args[0].Shape, args[1].Shape)
		},
		Sample: func(r *rand.Rand) ir.Sample {
			x, w, y, a := sampleConv2d(r)
			return ir.Sample{Args: []ir.SampleArg{argument(signed, y...), argument(signed, w...)},
				Attrs: with(a, "size", []int(x[2:]))}
		},
	}
}

func conv2dDXShape(args []ir.Type, a ir.Attrs) (ir.Type, error) {
	if err := wantArgs(args, 2); err != nil {
		return ir.Type{}, err
	}
	dy, w, size := args[0], args[1], a.Ints("size")
	if err := wantImages(dy); err != nil {
		return ir.Type{}, err
	}
	if len(w.Shape) != 4 || len(size) != 2 {
		return ir.Type{}, fmt.Errorf("weights %s and size %v do not fit", w.Shape, size)
	}
	dx := ir.Float32(dy.Shape[0], w.Shape[1], size[0], size[1])
	return dx, wantResult(conv2dShape, []ir.Type{dx, w}, a, dy)
}

// wantResult reports a dy that is not of the shape which the forward operation would have.
func wantResult(
	shape func([]ir.Type, ir.Attrs) (ir.Type, error), args []ir.Type, a ir.Attrs, dy ir.Type,
) error {
	y, err := shape(args, a)
	if err != nil {
		return err
	}
	if !slices.Equal(y.Shape, dy.Shape) {
		return fmt.Errorf("gradient has shape %s, the forward result %s", dy.Shape, y.Shape)
	}
	return nil
}
