package pass

import (
	"math"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
)

// How steps are cut into tasks. The number of tasks depends on nothing but the step, so that
// results do not depend on the number of threads.
const (
	taskFlops    = 1 << 19 // of a kernel's task, if it does not have as many elements
	taskElements = 1 << 14
	maxTasks     = 256
	foldPieces   = 16 // of the batch, where partial results have to be added up
	tileSide     = 64 // of a matrix, at least: smaller tiles spend their time on loading factors
)

// pieces cuts the domain of a step.
func pieces(s *plan.Step) [2]int {
	t, tasks := s.Domain(), tasksOf(s)
	limit := [2]int{plan.Blocks(t, 0), plan.Blocks(t, 1)}
	if t.Place().Block == 0 || len(t.Shape) == 2 {
		limit[1] = ceil(limit[1], ir.Lanes) // lanes or cache lines of an argument stay together
	}
	if folds(s.Loop, 1) {
		limit[1] = 1
	}
	if k := s.Kernel; k != nil && k.Op.Pieces != nil {
		for axis, least := range k.Op.Pieces(argTypes(k), t, k.Attrs) {
			limit[axis] = min(limit[axis], ceil(t.Shape[axis], least))
		}
		return limit
	}
	switch {
	case s.Kernel != nil && len(t.Shape) == 2:
		return tiles(t.Shape, limit, tasks)
	case s.Kernel == nil && folds(s.Loop, 0):
		second := evenly(limit[1], tasks)
		return [2]int{evenly(limit[0], min(foldPieces, ceil(tasks, second))), second}
	}
	first := evenly(limit[0], tasks)
	second := evenly(limit[1], ceil(tasks, first))
	if s.Kernel != nil && t.Place().Block == 0 {
		second = inBlocks(t.Shape[1], second)
	}
	return [2]int{first, second}
}

// inBlocks returns a number of pieces, at least as many as asked for, that cut no block of lanes of
// n channels: one piece if the last block is not full.
func inBlocks(n, pieces int) int {
	if n%ir.Lanes != 0 {
		return 1
	}
	for n/ir.Lanes%pieces != 0 {
		pieces++
	}
	return pieces
}

// evenly returns into how many pieces n things are cut so that there are about as many as asked
// for, and none is much larger than another.
func evenly(n, pieces int) int { return ceil(n, ceil(n, min(n, pieces))) }

// tasksOf returns into how many tasks a step is worth cutting, besides its Split.
func tasksOf(s *plan.Step) int {
	tasks := s.Domain().Shape.Elements() / taskElements
	if s.Kernel != nil {
		tasks = max(tasks, int(s.Flops/taskFlops))
	}
	return max(1, ceil(min(tasks, maxTasks), s.Split))
}

// folds reports whether a result of a loop is folded along an axis.
func folds(l *plan.Loop, axis int) bool {
	return l != nil && slices.ContainsFunc(l.Outs, func(o plan.LoopOut) bool {
		return slices.Contains(o.Axes, axis)
	})
}

// tiles cuts a matrix into about as many tiles as there shall be tasks, as square as it goes:
// so the tasks read the fewest rows and columns of the factors.
func tiles(shape ir.Shape, limit [2]int, tasks int) [2]int {
	rows, columns := float64(shape[0]), float64(shape[1])
	limit[0] = ceil(limit[0], tileSide)
	limit[1] = ceil(limit[1]*ir.Lanes, tileSide)
	second := int(math.Round(math.Sqrt(float64(tasks) * columns / rows)))
	second = evenly(limit[1], max(1, min(second, tasks)))
	return [2]int{evenly(limit[0], max(1, tasks/second)), second}
}

func ceil(a, b int) int { return (a + b - 1) / b }

// flops counts the arithmetic of a step: what its kernel says, and the cost of its expressions,
// of which common parts are computed once.
func flops(s *plan.Step) int64 {
	n := int64(0)
	if k := s.Kernel; k != nil && k.Op.Flops != nil {
		n += k.Op.Flops(argTypes(k), k.Out.Type, k.Attrs)
	}
	if l := s.Loop; l != nil {
		exprs := make([]*scalar.Expr, len(l.Outs))
		folded := 0
		for i, o := range l.Outs {
			exprs[i] = o.Expr
			if o.Fold != "" {
				folded++
			}
		}
		cost := scalar.Linearize(exprs...).Cost() + folded
		n += int64(l.Domain.Shape.Elements()) * int64(cost)
	}
	return n
}

func argTypes(k *plan.Kernel) []ir.Type {
	types := make([]ir.Type, len(k.Args))
	for i, a := range k.Args {
		types[i] = a.Type
	}
	return types
}

// bytes counts what a step reads and writes, each tensor once.
func bytes(s *plan.Step) int64 {
	n := int64(0)
	for _, o := range append(s.Reads(), s.Writes()...) {
		n += 4 * int64(o.Type.Place().Size)
	}
	return n
}
