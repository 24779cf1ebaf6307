package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gradc/gradc/compiler/ir"
)

// region is a set of places in a buffer: base + Σ i·stride with 0 ≤ i < count for each dimension,
// those of large strides first. What lies side by side is one dimension.
type region struct {
	base int
	dims []dim
}

type dim struct{ stride, count int }

// newRegion returns the region of some dimensions, whose slice it takes.
func newRegion(base int, dims ...dim) region {
	dims = slices.DeleteFunc(dims, func(d dim) bool { return d.stride == 0 || d.count == 1 })
	slices.SortFunc(dims, func(a, b dim) int { return cmp.Compare(b.stride, a.stride) })
	for i := len(dims) - 2; i >= 0; i-- {
		if dims[i].stride == dims[i+1].stride*dims[i+1].count {
			dims[i] = dim{dims[i+1].stride, dims[i].count * dims[i+1].count}
			dims = slices.Delete(dims, i+1, i+2)
		}
	}
	return region{base, dims}
}

// with returns the region once for each step of another dimension.
func (r region) with(d dim) region { return newRegion(r.base, append(slices.Clone(r.dims), d)...) }

// end returns the place behind the last.
func (r region) end() int { return r.base + extent(r.dims) }

// extent returns the places from the first to the last of some dimensions.
func extent(dims []dim) int {
	n := 1
	for _, d := range dims {
		n += (d.count - 1) * d.stride
	}
	return n
}

// distinct reports whether no place is met twice: each dimension steps over all within.
func (r region) distinct() bool {
	for i, d := range r.dims {
		if d.stride < extent(r.dims[i+1:]) {
			return false
		}
	}
	return true
}

// contains reports whether all places of b are places of r, whose are distinct. It may fail to see
// that they are where the strides of one are not multiples of the other's.
func (r region) contains(b region) bool { return contains(r.dims, b.base-r.base, b.dims) }

// contains is for b at an offset from the beginning of a.
func contains(a []dim, offset int, b []dim) bool {
	if len(a) == 0 || offset < 0 {
		return offset == 0 && len(b) == 0
	}
	s := a[0].stride
	last := offset / s
	for len(b) > 0 && b[0].stride%s == 0 {
		last += b[0].stride / s * (b[0].count - 1)
		b = b[1:]
	}
	return last < a[0].count && offset%s+extent(b) <= s && contains(a[1:], offset%s, b)
}

// String returns the region as text: 32, 4 every 64, 16 in a row.
func (r region) String() string {
	parts := []string{fmt.Sprint(r.base)}
	for _, d := range r.dims {
		if d.stride == 1 {
			parts = append(parts, fmt.Sprintf("%d in a row", d.count))
		} else {
			parts = append(parts, fmt.Sprintf("%d every %d", d.count, d.stride))
		}
	}
	return strings.Join(parts, ", ")
}

// region returns where an operand lies, with the border around its planes and lanes that there are
// not.
func (o *Operand) region() region {
	return o.part([2]Cut{{Pieces: 1}, {Pieces: 1}}, [2]int{})
}

// part returns where a piece of an operand lies that is cut along the axes 0 and 1.
func (o *Operand) part(cuts [2]Cut, piece [2]int) region {
	p := o.Type.Place()
	base, dims := o.At, make([]dim, 0, len(o.Type.Shape)+1)
	for axis, n := range o.Type.Shape {
		from, to := 0, n
		if axis < 2 && cuts[axis].Pieces > 1 {
			from, to = cuts[axis].Span(piece[axis])
		}
		switch {
		case axis == p.Block:
			from, to = from/p.Lanes, ir.Ceil(to, p.Lanes)
			dims = append(dims, dim{1, p.Lanes})
		case axis >= 2 && len(o.Type.Shape) == 4:
			to += 2 * o.Type.Layout.Halo[axis-2]
		}
		base += from * p.Stride[axis]
		dims = append(dims, dim{p.Stride[axis], to - from})
	}
	return newRegion(base, dims...)
}

// region returns where the elements of a tensor lie that one task sees, or all of them if piece is
// nil. Of a blocked tensor, it has the lanes that there are not as well.
func (n *Nest) region(t *Tensor, piece *[2]int) region {
	base, dims := n.along(t, len(n.Axes), piece)
	lanes := Range{BlockOf(t.Type), OverLanes, t.Type.Place().Lanes}
	has := lanes.Axis < 0
	for i := range n.Axes {
		has = has || t.Stride[i] != 0 && slices.Contains(n.Axes[i].Over, lanes)
	}
	if !has {
		dims = append(dims, dim{1, lanes.Lanes})
	}
	return newRegion(base, dims...)
}

// planes returns where the planes of a result with a border lie that one task, or all of them,
// store.
func (n *Nest) planes(o *Out, piece *[2]int) region {
	base, dims := n.along(&o.Tensor, n.Outer, piece)
	h, w := o.Type.Shape[2]+2*o.Border()[0], o.Type.Shape[3]+2*o.Border()[1]
	return newRegion(base-o.Lead, append(dims, dim{1, h * w * LanesOf(o.Type)})...)
}

// along is region for the first axes only.
func (n *Nest) along(t *Tensor, axes int, piece *[2]int) (base int, dims []dim) {
	base, dims = t.Base, make([]dim, 0, axes+2)
	switch {
	case t.Piece != 0 && piece != nil:
		base += piece[0] * t.Piece
	case t.Piece != 0:
		dims = append(dims, dim{t.Piece, n.pieces(0)})
	}
	block := BlockOf(t.Type)
	for i := range axes {
		a := &n.Axes[i]
		from, to := 0, a.Size()
		if a.Pieces() > 1 && piece != nil {
			from, to = a.Span(piece[a.Of()])
		}
		stride := t.Stride[i]
		switch lanes := n.lanesOf(i, axes); {
		case a.Part() == OverLanes && a.Of() == block:
			to = a.Lanes()
		case a.Part() == OverLanes && n.blocksOf(i) >= 0 && a.Of() != block:
			to = 1 // blocks and lanes together are elements in a row; see below
		case a.Part() == OverBlocks && a.Of() != block && lanes >= 0:
			from, to = from*a.Lanes(), min(a.Full, to*a.Lanes())
			stride = t.Stride[lanes]
		}
		base += from * stride
		dims = append(dims, dim{stride, to - from})
	}
	return base, dims
}

// lanesOf returns the axis of the lanes of the blocks that axis i runs over, -1 if there is none
// among the first axes.
func (n *Nest) lanesOf(i, axes int) int { return n.other(i, axes, OverBlocks, OverLanes) }

// blocksOf returns the axis of the blocks that axis i runs over the lanes of, -1 if there is none.
func (n *Nest) blocksOf(i int) int { return n.other(i, len(n.Axes), OverLanes, OverBlocks) }

func (n *Nest) other(i, axes int, part, want Part) int {
	if n.Axes[i].Part() != part {
		return -1
	}
	return slices.IndexFunc(n.Axes[:axes], func(a Axis) bool {
		return a.Of() == n.Axes[i].Of() && a.Part() == want
	})
}

// pieces returns into how many pieces the nest has an axis of the domain cut.
func (n *Nest) pieces(of int) int {
	for i := range n.Axes {
		if n.Axes[i].Of() == of && n.Axes[i].Pieces() > 1 {
			return n.Axes[i].Pieces()
		}
	}
	return 1
}
