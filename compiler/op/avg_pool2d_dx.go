package op

import (
	"fmt"
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/ir"
)

// avgPool2dDX is the gradient of the images of avg_pool2d: each dy is shared by its window.
func avgPool2dDX() *ir.Op {
	return &ir.Op{
		Name: "avg_pool2d_dx", Kind: ir.Kernel, Internal: true,
		Doc: "dx[n, c, i·stride + k - pad, …] = Σ dy[n,c,i,j]/count",
		Attrs: poolAttrs(ir.AttrSpec{Name: "count_include_pad", Kind: ir.Bool},
			ir.AttrSpec{Name: "size", Kind: ir.Ints}),
		Shape: func(args []ir.Type, a ir.Attrs) (ir.Type, error) {
			if err := wantArgs(args, 1); err != nil {
				return ir.Type{}, err
			}
			dy, size := args[0], a.Ints("size")
			if err := wantImages(dy); err != nil {
				return ir.Type{}, err
			}
			if len(size) != 2 {
				return ir.Type{}, fmt.Errorf("size %v is not height and width", size)
			}
			dx := ir.Float32(dy.Shape[0], dy.Shape[1], size[0], size[1])
			return dx, wantResult(poolShape, []ir.Type{dx}, a, dy)
		},
		Ref: func(dx ir.Tensor, in []ir.Tensor, a ir.Attrs) {
			dy := in[0]
			eachShare(dx.Shape, dy.Shape, a, func(xi, yi int, share float64) {
				dx.Data[xi] += share * dy.Data[yi]
			})
		},
		Flops: func(args []ir.Type, _ ir.Type, a ir.Attrs) int64 {
			return poolFlops(nil, args[0], a)
		},
		Sample: func(r *rand.Rand) ir.Sample {
			x, y, a := samplePool(r)
			a = with(a, "count_include_pad", r.IntN(2) == 0)
			return ir.Sample{Args: []ir.SampleArg{argument(signed, y...)},
				Attrs: with(a, "size", []int(x[2:]))}
		},
	}
}
