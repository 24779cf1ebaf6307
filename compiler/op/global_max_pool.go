package op

import "github.com/gradc/gradc/compiler/ir"

// globalMaxPool is the largest element of each channel's plane.
func globalMaxPool() *ir.Op {
	return &ir.Op{
		Name: "global_max_pool", Kind: ir.Composite, Doc: "y[n,c,0,0] = max_i,j x[n,c,i,j]",
		Shape: globalShape,
		Expand: func(b *ir.Builder, y *ir.Value, _ ir.Mode) *ir.Value {
			x := y.Args[0].Type.Shape
			return b.Apply(y.Name, "max_pool2d", y.Args, ir.Attrs{
				"kernel": []int{x[2], x[3]}, "stride": []int{1, 1}, "pad": []int{0, 0}})
		},
		Sample: sampleGlobal,
	}
}
