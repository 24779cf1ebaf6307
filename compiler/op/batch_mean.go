package op

import (
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// BatchMean appends the mean of x over the batch, axis 0, which keeps size 1.
func BatchMean(b *ir.Builder, name string, x *ir.Value) *ir.Value {
	return b.Reduce(name, x.Type.Shape, "mean", []int{0}, scalar.X(0), x)
}
