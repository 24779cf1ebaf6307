package cpu

import (
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/target"
)

// winogradWeights transforms weights that lie along the channels of the result.
func winogradWeights() target.Kernel {
	return target.Kernel{Layouts: func(u target.Use) ([]ir.Layout, ir.Layout) {
		w := ir.Layout{Order: oihw16o}
		if u.Attrs.Bool("turned") {
			w.Order = iohw16i
		}
		return []ir.Layout{w}, ir.Layout{Order: hwoi16o}
	}}
}
