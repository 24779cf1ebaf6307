package planexec

import (
	"fmt"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// tensor is an operand in memory.
type tensor struct {
	shape  ir.Shape
	halo   [2]int
	place  ir.Place
	repeat []bool   // by axis, whether it has one element, for all coordinates
	typ    ir.DType // of the elements in memory
	exact  bool     // they are not rounded to it
	data   memory
}

// tensor returns an operand; one without a buffer lies in a task's own memory.
func (m *Machine) tensor(o plan.Operand, own memory) tensor {
	t := o.Type
	if o.Buffer != nil {
		own = m.of(o.Buffer)[scale*o.At*t.Stored().Bytes():]
	}
	x := tensor{t.Shape, t.Layout.Halo, t.Place(), make([]bool, len(t.Shape)), t.Stored(), m.Exact, own}
	for axis, d := range t.Shape {
		x.repeat[axis] = d == 1
	}
	return x
}

// load returns an element; along axes of size 1 the coordinate does not count.
func (x tensor) load(coord []int) float64 { return x.data.load(x.typ, x.at(coord)) }

// store sets an element, rounded to the type in which it is stored.
func (x tensor) store(coord []int, v float64) {
	if !x.exact {
		v = round(x.typ, v)
	}
	x.data.store(x.typ, x.at(coord), v)
}

// at returns where an element lies.
func (x tensor) at(coord []int) int {
	at := x.place.Base
	for axis, c := range coord {
		switch {
		case x.repeat[axis]:
		case axis == x.place.Block:
			at += c/x.place.Lanes*x.place.Stride[axis] + c%x.place.Lanes
		default:
			at += c * x.place.Stride[axis]
		}
	}
	return at
}

// eachBorder calls f for every place of the border around the planes of a region.
func (x tensor) eachBorder(r region, f func(at int)) {
	if x.halo == [2]int{} {
		return
	}
	h, w := x.shape[2], x.shape[3]
	r = slices.Clone(r)
	r[2] = span{-x.halo[0], h + x.halo[0]}
	r[3] = span{-x.halo[1], w + x.halo[1]}
	each(r, func(c []int) {
		if c[2] < 0 || c[2] >= h || c[3] < 0 || c[3] >= w {
			f(x.place.Offset(c...))
		}
	})
}

// clearBorder sets the border around the planes of a region to zeros.
func (x tensor) clearBorder(r region) {
	x.eachBorder(r, func(at int) { x.data.store(x.typ, at, 0) })
}

// checkBorder reports a border that is not all zeros.
func (x tensor) checkBorder(name string) error {
	var err error
	x.eachBorder(whole(x.shape), func(at int) {
		if v := x.data.load(x.typ, at); v != 0 {
			err = fmt.Errorf("the border of %s holds %v", name, v)
		}
	})
	return err
}

// span is a range of coordinates along an axis, the end excluded.
type span struct{ from, to int }

// region is a span along each axis.
type region []span

// whole is the region of all elements of a shape.
func whole(shape ir.Shape) region {
	r := make(region, len(shape))
	for i, d := range shape {
		r[i] = span{0, d}
	}
	return r
}

// each calls f for every coordinate of a region, in row-major order. f must not keep its argument.
func each(r region, f func(coord []int)) {
	coord := make([]int, len(r))
	for i, s := range r {
		if s.from >= s.to {
			return
		}
		coord[i] = s.from
	}
	for {
		f(coord)
		axis := len(r) - 1
		for ; axis >= 0; axis-- {
			if coord[axis]++; coord[axis] < r[axis].to {
				break
			}
			coord[axis] = r[axis].from
		}
		if axis < 0 {
			return
		}
	}
}

// pieceOf returns the region of the step's domain that a task covers; see plan.Step.Cuts.
func pieceOf(s *plan.Step, piece [2]int) region {
	r := whole(s.Domain().Shape)
	for axis, i := range piece {
		if axis < len(r) {
			r[axis].from, r[axis].to = s.Cuts[axis].Span(i)
		}
	}
	return r
}
