package cpu

import (
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/target"
)

// conv2dDW goes over rows of dy with the gradients of some weights in registers.
func conv2dDW() target.Kernel {
	return target.Kernel{
		Layouts: func(u target.Use) ([]ir.Layout, ir.Layout) {
			return []ir.Layout{convInput(u.Args[0], u.Attrs), {Order: nchw16c}},
				ir.Layout{Order: oihw16o}
		},
		Grid:    conv2dDWGrid,
		Rewrite: winogradGradient,
	}
}

// conv2dDWGrid leaves a task many blocks of input channels: it goes over a few rows of dy with all of
// them while these rows are in the cache. No block is cut. The sum over the batch is split where
// there are few blocks of output channels.
func conv2dDWGrid(u target.Use) target.Grid {
	out, channels := blocksOf(u.Out.Shape[0]), u.Out.Shape[1]
	g := target.Grid{Least: [2]int{lanes, channels}, Unit: [2]int{lanes, lanes},
		Split: min(u.Args[0].Shape[0], ir.Ceil(costs().FewTasks, out))}
	if channels%lanes != 0 {
		return g
	}
	blocks := channels / lanes
	pieces := max(1, blocks/(costs().RowChannels/lanes))
	for blocks%pieces != 0 {
		pieces--
	}
	g.Least[1] = channels / pieces
	return g
}
