package plan

import (
	"slices"

	"github.com/gradc/gradc/compiler/ir"
)

// Cut says how an axis of a step's domain is divided among tasks. All that a step does, its kernel,
// its loop and the sum of partial results, is divided in the same way.
type Cut struct {
	Size   int // elements of the axis
	Unit   int // elements that stay together; the last unit may be short
	Pieces int
}

// Units returns how many units there are, the most pieces that the axis can be cut into.
func (c Cut) Units() int { return ir.Ceil(c.Size, c.Unit) }

// Span returns the elements from, …, to-1 of piece i: of u units and n pieces those from i·u/n to
// (i+1)·u/n.
func (c Cut) Span(i int) (from, to int) {
	at := func(i int) int { return min(c.Size, i*c.Units()/c.Pieces*c.Unit) }
	return at(i), at(i + 1)
}

// MostSizes is how many sizes the pieces of a cut may have: the number of whole units differs by at
// most one, and the last piece may end with a short one.
const MostSizes = 3

// Sizes returns how many elements a piece may have, each number once, in ascending order.
func (c Cut) Sizes() []int {
	sizes := make([]int, c.Pieces)
	for i := range sizes {
		from, to := c.Span(i)
		sizes[i] = to - from
	}
	slices.Sort(sizes)
	return slices.Compact(sizes)
}

// Most returns how many elements the largest piece has.
func (c Cut) Most() int {
	return min(c.Size, (c.Units()+c.Pieces-1)/c.Pieces*c.Unit)
}

// Uncut returns the whole of the axes 0 and 1 of the step's domain as one piece each, with the
// units that they may be cut by: blocks stay together where a tensor lies in them, and so does what
// the kernel does not divide, or a pixel of planes that are stored with a border.
func (s *Step) Uncut() [2]Cut {
	domain := s.Domain()
	cuts := [2]Cut{{1, 1, 1}, {1, 1, 1}}
	for axis := range min(2, len(domain.Shape)) {
		c := &cuts[axis]
		c.Size = domain.Shape[axis]
		if s.Kernel != nil {
			c.Keep(s.Kernel.Units[axis])
		}
		for _, t := range append(s.elementwise(), domain) {
			if p := t.Place(); len(t.Shape) == len(domain.Shape) && p.Block == axis {
				c.Keep(p.Lanes)
			}
		}
		if s.bordered(axis) {
			c.Keep(c.Size)
		}
	}
	return cuts
}

// bordered reports whether an axis lies within the pixels of a result of the loop with a border, which
// a task stores by whole planes.
func (s *Step) bordered(axis int) bool {
	return s.Loop != nil && slices.ContainsFunc(s.Loop.Outs, func(o LoopOut) bool {
		return o.Type.Layout.Halo != [2]int{} && WithinPixel(o.Type, axis)
	})
}

// Keep leaves n elements together, and what stays together already.
func (c *Cut) Keep(n int) {
	n = max(1, n)
	c.Unit = c.Unit / gcd(c.Unit, n) * n
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// elementwise returns the types of what tasks read and write by the elements of the domain.
func (s *Step) elementwise() []ir.Type {
	var types []ir.Type
	if s.Loop != nil {
		for _, a := range s.Loop.Args {
			types = append(types, a.Type)
		}
		for _, o := range s.Loop.Outs {
			types = append(types, o.Type)
		}
	}
	return types
}
