package pass

import (
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
	"github.com/gradc/gradc/compiler/target"
)

// This file cuts steps into tasks. The number of tasks depends on nothing but the step, so that
// results do not depend on the number of threads.

// cuts divides the domain of a step. Columns of a matrix that share a line of the cache stay
// together, and those of weights, which elsewhere are the columns of a matrix.
func (c *scheduler) cuts(s *plan.Step) [2]plan.Cut {
	cuts := s.Uncut()
	if t := s.Domain(); len(t.Shape) == 2 || t.Place().Block == 0 {
		cuts[1].Keep(c.target.Alignment / finest(s))
	}
	for axis, n := range c.pieces(s, [2]int{cuts[0].Units(), cuts[1].Units()}) {
		cuts[axis].Pieces = n
	}
	return cuts
}

// finest returns the bytes of the smallest elements that a step stores.
func finest(s *plan.Step) int {
	n := ir.F32.Bytes()
	for _, o := range s.Writes() {
		n = min(n, o.Type.Stored().Bytes())
	}
	return n
}

// pieces returns into how many pieces the axes 0 and 1 of a step's domain are cut, limit at most.
func (c *scheduler) pieces(s *plan.Step, limit [2]int) [2]int {
	t, tasks := s.Domain(), c.tasksOf(s)
	if folds(s.Loop, 1) {
		limit[1] = 1
	}
	if t.Place().Block == 0 && folds(s.Loop, 0) {
		limit[0] = 1 // partial variances count elements, not blocks
	}
	if k := s.Kernel; k != nil {
		if least := c.target.Grid(k.Op, useOf(k)).Least; least != [2]int{} {
			for axis, n := range least {
				limit[axis] = min(limit[axis], ir.Ceil(t.Shape[axis], n))
			}
			return limit
		}
	}
	switch {
	case s.Kernel != nil && len(t.Shape) == 2:
		return c.tiles(t.Shape, limit, tasks, s.Split)
	case s.Kernel == nil && folds(s.Loop, 0):
		second := evenly(limit[1], tasks)
		return [2]int{evenly(limit[0], min(c.target.Costs.FoldPieces, ir.Ceil(tasks, second))), second}
	}
	first := evenly(limit[0], tasks)
	return [2]int{first, evenly(limit[1], ir.Ceil(tasks, first))}
}

// evenly returns into how many pieces n things are cut so that there are about as many as asked
// for, and none is much larger than another.
func evenly(n, pieces int) int { return ir.Ceil(n, ir.Ceil(n, min(n, pieces))) }

// tasksOf returns into how many tasks a step is worth cutting, besides its Split.
func (c *scheduler) tasksOf(s *plan.Step) int {
	costs := c.target.Costs
	tasks := s.Domain().Shape.Elements() / costs.TaskElements
	if s.Kernel != nil {
		tasks = max(tasks, int(s.Flops/int64(costs.TaskFlops)))
	}
	return max(1, ir.Ceil(min(tasks, costs.MostTasks), s.Split))
}

// folds reports whether a result of a loop is folded along an axis.
func folds(l *plan.Loop, axis int) bool {
	return l != nil && slices.ContainsFunc(l.Outs, func(o plan.LoopOut) bool {
		return slices.Contains(o.Axes, axis)
	})
}

// tiles cuts a matrix into large tiles, so that the tasks read few rows and columns of the factors:
// smaller ones only where there would be few tasks. Columns are cut first, since a tile's columns of
// the right factor are packed for all its rows.
func (c *scheduler) tiles(shape ir.Shape, limit [2]int, tasks, split int) [2]int {
	costs := c.target.Costs
	sides := [2]int{costs.MostTileSide, costs.MostTileSide}
	cut := func(axis int) int {
		return min(limit[axis], evenly(shape[axis], ir.Ceil(shape[axis], sides[axis])))
	}
	for _, axis := range []int{1, 0} {
		for sides[axis] > costs.TileSide &&
			cut(0)*cut(1) < min(tasks, ir.Ceil(costs.TileTasks, split)) {
			sides[axis] /= 2
		}
	}
	return [2]int{cut(0), cut(1)}
}

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

// useOf returns the use of its operation that a kernel is.
func useOf(k *plan.Kernel) target.Use {
	return target.Use{Args: argTypes(k), Out: k.Out.Type, Attrs: k.Attrs}
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
		n += int64(o.Type.Bytes())
	}
	return n
}
