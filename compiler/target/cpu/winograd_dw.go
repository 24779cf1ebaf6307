package cpu

import (
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/target"
	"github.com/gradc/gradc/compiler/winograd"
)

// winogradDW adds up products of transformed tiles of x and dy, and transforms the sums.
func winogradDW() target.Kernel {
	return target.Kernel{
		Layouts: func(u target.Use) ([]ir.Layout, ir.Layout) {
			return []ir.Layout{convInput(u.Args[0], u.Attrs), {Order: nchw16c}},
				ir.Layout{Order: oihw16o}
		},
		Grid: winogradDWGrid,
		Workspace: func(u target.Use, piece [2]int) int {
			dy := u.Args[1].Shape
			t := winograd.NewTiling(dy[2], dy[3], dy[0])
			g := winograd.NewGradient(t, blocksOf(piece[1]), blocksOf(u.Out.Shape[1]), blocksOf(piece[0]),
				lanes)
			return g.Vectors() * vectorBytes
		},
	}
}

// winogradDWGrid splits the sum over the batch where there are few channels.
func winogradDWGrid(u target.Use) target.Grid {
	pieces := 1
	for _, channels := range u.Out.Shape[:2] {
		pieces *= ir.Ceil(channels, winogradChannels)
	}
	return target.Grid{Least: [2]int{winogradChannels, winogradChannels},
		Unit:  [2]int{lanes, lanes},
		Split: min(u.Args[0].Shape[0], ir.Ceil(costs().FewTasks, pieces))}
}

// winogradGradient replaces the gradient with respect to the weights where that pays.
func winogradGradient(b *ir.Builder, dw *ir.Value) *ir.Value {
	x, dy := dw.Args[0], dw.Args[1]
	if !winogradPays(b, dy.Type.Shape, x.Type.Shape[1], dw.Attrs.Ints("kernel"), dw.Attrs) {
		return nil
	}
	return b.Apply(dw.Name, "winograd_dw", []*ir.Value{x, dy},
		ir.Attrs{"pad": dw.Attrs.Ints("pad")})
}
