package pass

import (
	"errors"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// This file orders and merges the axes of a nest.

// borderedType returns the type of the first result with a border, nil if there is none.
func (n *nester) borderedType() *ir.Type {
	for i := range n.loop.Outs {
		if o := &n.loop.Outs[i]; o.Fold == "" && o.Type.Layout.Halo != [2]int{} {
			return &o.Type
		}
	}
	return nil
}

// laneColumns cuts the last axis of a row-major domain into lanes if a fold runs along another
// axis: a row is then read a line of the cache at a time, of as many floats, and the sums of its
// columns stay in few places.
func (n *nester) laneColumns(line int) {
	last := len(n.Axes) - 1
	a := n.Axes[last]
	if a.Part() != plan.Whole || a.Size() == 1 || n.loop.Domain.Layout.Order != ir.RowMajor {
		return
	}
	across := false
	for _, o := range n.loop.Outs {
		if slices.Contains(o.Axes, a.Of()) {
			return
		}
		across = across || o.Fold != "" && n.Domain.Elements() > o.Type.Shape.Elements()
	}
	if across {
		blocks, lanes := a.InBlocks(line)
		n.Axes = append(n.Axes[:last], blocks, lanes)
	}
}

// orderFolds moves the axes that folds run along behind those they keep, but before the lanes, so
// that few sums are open at a time.
func (n *nester) orderFolds() {
	var folded []int
	for _, o := range n.loop.Outs {
		folded = append(folded, o.Axes...)
	}
	if len(folded) == 0 {
		return
	}
	lanesLast := n.Axes[len(n.Axes)-1].Part() == plan.OverLanes
	n.reorder(func(a *plan.Axis) int {
		along := slices.Contains(folded, a.Of())
		switch {
		case a.Part() == plan.OverLanes && lanesLast && !along:
			return 2
		case along:
			return 1
		}
		return 0
	})
}

// byPlane moves the axes of a bordered result's planes outwards, so that one plane is stored at a
// time.
func (n *nester) byPlane() error {
	t := n.borderedType()
	for _, o := range n.Outs {
		if o.Border() != [2]int{} && o.Type.Layout.Order != t.Layout.Order {
			return errors.New("it stores tensors with borders in two orders")
		}
	}
	if plan.BlockOf(*t) < 0 {
		n.reorder(func(a *plan.Axis) int {
			if a.Of() > 1 || plan.WithinPixel(*t, a.Of()) {
				return 1
			}
			return 0
		})
	}
	return nil
}

// reorder sorts the axes by a rank, equal ones as they were.
func (n *nester) reorder(rank func(*plan.Axis) int) {
	order := make([]int, len(n.Axes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return rank(&n.Axes[i]) - rank(&n.Axes[j])
	})
	n.permute(order)
}

// permute keeps the axes of the given numbers, in that order.
func (n *nester) permute(order []int) {
	axes := make([]plan.Axis, len(order))
	for i, k := range order {
		axes[i] = n.Axes[k]
	}
	n.Axes = axes
	for _, a := range n.Accesses() {
		*a = a.Along(order)
	}
}

// merge drops loops of one iteration, and makes one loop of two where all offsets allow it. The
// last axis stays if a result has a border, and if no other does.
func (n *nester) merge() {
	var kept []int
	for i := range n.Axes {
		a := &n.Axes[i]
		last := i == len(n.Axes)-1
		if a.Size() > 1 || a.Pieces() > 1 || last && (n.Bordered() || len(kept) == 0) {
			kept = append(kept, i)
		}
	}
	n.permute(kept)
	for i := len(n.Axes) - 2; i >= 0; i-- {
		if !n.mergeable(i) {
			continue
		}
		outer, inner := &n.Axes[i], &n.Axes[i+1]
		outer.Over = slices.Concat(outer.Over, inner.Over)
		outer.Inner *= inner.Size()
		outer.Full, outer.Ragged = inner.Full, false
		n.Axes = slices.Delete(n.Axes, i+1, i+2)
		for _, a := range n.Accesses() {
			a.Stride = slices.Delete(a.Stride, i, i+1)
		}
	}
}

// mergeable reports whether axis i and the one within can be one loop.
func (n *nester) mergeable(i int) bool {
	outer, inner := &n.Axes[i], &n.Axes[i+1]
	if inner.Pieces() > 1 || inner.Ragged || outer.Ragged || outer.Partly() || inner.Partly() ||
		!n.together(outer, inner) {
		return false
	}
	for _, a := range n.Accesses() {
		if a.Stride[i] != a.Stride[i+1]*inner.Size() {
			return false
		}
	}
	return true
}

// together reports whether every fold runs along both axes or along neither.
func (n *nester) together(outer, inner *plan.Axis) bool {
	if outer.Of() < 2 && n.Bordered() {
		return false
	}
	return !slices.ContainsFunc(n.loop.Outs, func(o plan.LoopOut) bool {
		return slices.Contains(o.Axes, outer.Of()) != slices.Contains(o.Axes, inner.Of())
	})
}
