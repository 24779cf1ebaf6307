package op

import (
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// globalAvgPool is the mean of each channel's plane.
func globalAvgPool() *ir.Op {
	return &ir.Op{
		Name: "global_avg_pool", Kind: ir.Composite, Doc: "y[n,c,0,0] = mean_i,j x[n,c,i,j]",
		Shape: globalShape,
		Expand: func(b *ir.Builder, y *ir.Value, _ ir.Mode) *ir.Value {
			x := y.Args[0]
			return b.Reduce(y.Name, x.Type.Shape, "mean", []int{2, 3}, scalar.X(0), x)
		},
		Sample: sampleGlobal,
	}
}

// globalShape is the shape rule of pooling over whole planes.
func globalShape(args []ir.Type, _ ir.Attrs) (ir.Type, error) {
	if err := wantArgs(args, 1); err != nil {
		return ir.Type{}, err
	}
	if err := wantImages(args[0]); err != nil {
		return ir.Type{}, err
	}
	x := args[0].Shape
	return ir.Float32(x[0], x[1], 1, 1), nil
}

func sampleGlobal(r *rand.Rand) ir.Sample {
	return ir.Sample{Attrs: ir.Attrs{}, Args: []ir.SampleArg{argument(signed, sizes(r, 4, 4)...)}}
}
