package plan

import (
	"slices"

	"github.com/gradc/gradc/compiler/ir"
)

// Axis is one loop of a nest.
type Axis struct {
	Over []Range // what of the domain it runs over; of several axes that are one loop, outermost first

	// Cut divides the outermost of them among the tasks; it has one piece where none do. Each of its
	// elements takes Inner iterations, of the others.
	Cut   Cut
	Inner int

	Full   int  // size of the axis of the domain that blocks or lanes are of
	Ragged bool // lanes of several blocks, of which the last is not full
	Shared bool // its count is an argument of the function, which nests of other counts share
}

// Range says which axis of a domain a loop runs over, and what of it.
type Range struct {
	Axis  int
	Part  Part
	Lanes int // elements of a block, 1 for Whole
}

// Part says what of an axis of the domain a loop runs over.
type Part uint8

// The parts.
const (
	Whole      Part = iota
	OverBlocks      // blocks
	OverLanes       // within a block
)

// Of returns the axis of the domain; of several the outermost.
func (a *Axis) Of() int { return a.Over[0].Axis }

// Part returns what of the axis it runs over; Whole for several.
func (a *Axis) Part() Part {
	if len(a.Over) > 1 {
		return Whole
	}
	return a.Over[0].Part
}

// Lanes returns the elements of a block of what it runs over; 1 if that is not in blocks.
func (a *Axis) Lanes() int { return a.Over[0].Lanes }

// Size returns the iterations of all tasks together.
func (a *Axis) Size() int { return a.Cut.Size * a.Inner }

// Pieces returns into how many pieces tasks divide the axis.
func (a *Axis) Pieces() int { return a.Cut.Pieces }

// Single reports whether a task covers one iteration only.
func (a *Axis) Single() bool { return a.Cut.Pieces == a.Size() && a.Inner == 1 }

// Short reports whether it is lanes of which there are fewer in a block, or in the last of several.
func (a *Axis) Short() bool { return a.Part() == OverLanes && a.Full%a.Lanes() != 0 }

// Partly reports whether it is blocks of which the last is not full.
func (a *Axis) Partly() bool {
	return a.Part() == OverBlocks && a.Size() > 1 && a.Full%a.Lanes() != 0
}

// Count returns the most iterations of a task, and whether it is the same for all.
func (a *Axis) Count() (n int, even bool) {
	c := a.Cut
	even = c.Pieces == 1 || c.Units()%c.Pieces == 0 && c.Size%c.Unit == 0
	return c.Most() * a.Inner, even && !a.Ragged
}

// Fixed is Count for a function, which gets a count that is shared as an argument.
func (a *Axis) Fixed() (n int, fixed bool) {
	n, even := a.Count()
	return n, even && !a.Shared
}

// Span returns the iterations from, …, to-1 of piece i.
func (a *Axis) Span(i int) (from, to int) {
	from, to = a.Cut.Span(i)
	return from * a.Inner, to * a.Inner
}

// Axes returns the loops over a domain in the order of its layout, not merged. Axes that one of the
// tensors has in blocks are cut into blocks and lanes, so that all offsets are sums over the
// iterations of the loops; no two tensors have an axis in blocks of different sizes. Tasks divide the
// axes 0 and 1 by cuts.
func Axes(domain ir.Type, cuts [2]Cut, tensors ...ir.Type) []Axis {
	split := map[int]int{}
	for _, t := range append([]ir.Type{domain}, tensors...) {
		split[BlockOf(t)] = t.Place().Lanes
	}
	var axes, last []Axis
	for _, of := range orderOf(domain) {
		a := Axis{Over: []Range{{Axis: of, Lanes: 1}}, Cut: Cut{domain.Shape[of], 1, 1}, Inner: 1}
		if of < 2 && cuts[of].Pieces > 1 {
			a.Cut.Pieces, a.Cut.Unit = cuts[of].Pieces, cuts[of].Unit
		}
		if split[of] == 0 {
			axes = append(axes, a)
			continue
		}
		blocks, lanes := a.InBlocks(split[of])
		axes = append(axes, blocks)
		if of == BlockOf(domain) {
			last = append(last, lanes)
		} else {
			axes = append(axes, lanes)
		}
	}
	return append(axes, last...)
}

// InBlocks cuts a whole axis into blocks of n and the lanes within.
func (a Axis) InBlocks(n int) (blocks, lanes Axis) {
	of, size := a.Of(), a.Size()
	blocks = Axis{Over: []Range{{of, OverBlocks, n}}, Inner: 1, Full: size, Cut: Cut{
		Size: ir.Ceil(size, n), Unit: max(1, a.Cut.Unit/n), Pieces: a.Cut.Pieces}}
	lanes = Axis{Over: []Range{{of, OverLanes, n}}, Inner: 1, Full: size,
		Cut: Cut{min(size, n), 1, 1}, Ragged: blocks.Cut.Size > 1 && size%n != 0}
	return blocks, lanes
}

// BlockOf returns the axis that a type has in blocks, -1 if it has none.
func BlockOf(t ir.Type) int {
	if len(t.Shape) != 4 {
		return -1
	}
	return t.Place().Block
}

// orderOf returns the axes of a type, outermost first.
func orderOf(t ir.Type) []int {
	order := make([]int, len(t.Shape))
	for i := range order {
		order[i] = i
	}
	if len(order) == 4 {
		axes := t.Layout.Order.Axes()
		copy(order, axes[:])
	}
	return order
}

// Access says where the elements lie that the iterations of some axes see: Base + Σ i·Stride.
type Access struct {
	Base   int
	Stride []int // by axis
}

// AccessOf returns where a tensor's elements lie whose sizes are those of the domain or 1, along
// which it repeats.
func AccessOf(axes []Axis, domain ir.Shape, t ir.Type) Access {
	p := t.Place()
	stride := make([]int, len(domain))
	for i := range domain {
		if t.Shape[i] > 1 {
			stride[i] = p.Stride[i]
		}
	}
	return NewAccess(axes, p.Base, stride, BlockOf(t))
}

// NewAccess returns an access by its strides along the axes of the domain, of which one is in
// blocks; -1 stands for none.
func NewAccess(axes []Axis, base int, stride []int, blocked int) Access {
	a := Access{Base: base, Stride: make([]int, len(axes))}
	for i := range axes {
		s := stride[axes[i].Of()]
		switch part := axes[i].Part(); {
		case part == OverBlocks && axes[i].Of() != blocked:
			s *= axes[i].Lanes()
		case part == OverLanes && axes[i].Of() == blocked:
			s = min(s, 1)
		}
		a.Stride[i] = s
	}
	return a
}

// Along returns the strides with the axes in another order, or with some of them only.
func (a Access) Along(order []int) Access {
	stride := make([]int, len(order))
	for i, k := range order {
		stride[i] = a.Stride[k]
	}
	return Access{a.Base, stride}
}

// Stands reports whether an access is to one element only along the axes from i on.
func (a *Access) Stands(i int) bool {
	return !slices.ContainsFunc(a.Stride[i:], func(s int) bool { return s != 0 })
}
