package cpu

import "github.com/gradc/gradc/compiler/target"

// matmul reads both factors as they lie, and packs what a tile of the result needs.
func matmul() target.Kernel { return target.Kernel{Grid: matmulGrid} }

// matmulGrid splits a long inner axis into equal parts where the result is small: each task then
// reads its part of the factors once, instead of all of them for a tile of the result. Partial
// results take at most half of the memory that the factors take.
func matmulGrid(u target.Use) target.Grid {
	c := costs()
	inner := u.Args[0].Shape[1]
	if u.Attrs.Bool("trans_a") {
		inner = u.Args[0].Shape[0]
	}
	factors := u.Args[0].Shape.Elements() + u.Args[1].Shape.Elements()
	split := max(1, min(c.FewTasks, inner/c.LeastInner, factors/2/u.Out.Shape.Elements()))
	for inner%split != 0 {
		split--
	}
	return target.Grid{Split: split}
}
