package op

import (
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/ir"
)

// maxPool2dDX is the gradient of the images of max_pool2d: each dy goes to the largest element of
// its window.
func maxPool2dDX() *ir.Op {
	return &ir.Op{
		Name: "max_pool2d_dx", Kind: ir.Kernel, Internal: true,
		Doc:   "dx[argmax of window i,j] = Σ dy[n,c,i,j]",
		Attrs: poolAttrs(),
		Shape: func(args []ir.Type, a ir.Attrs) (ir.Type, error) {
			if err := wantArgs(args, 2); err != nil {
				return ir.Type{}, err
			}
			x := args[0]
			return ir.Float32(x.Shape...), wantResult(poolShape, []ir.Type{x}, a, args[1])
		},
		Ref: func(dx ir.Tensor, in []ir.Tensor, a ir.Attrs) {
			x, dy := in[0], in[1]
			eachMaximum(x, dy.Shape, a, func(xi, yi int) { dx.Data[xi] += dy.Data[yi] })
		},
		Flops: func(args []ir.Type, _ ir.Type, a ir.Attrs) int64 {
			return poolFlops(nil, args[1], a)
		},
		Sample: func(r *rand.Rand) ir.Sample {
			x, y, a := samplePool(r)
			return ir.Sample{Args: []ir.SampleArg{argument(signed, x...), argument(signed, y...)},
				Attrs: a}
		},
	}
}
