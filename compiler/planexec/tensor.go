package planexec

import (
	"fmt"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// tensor is an operand in memory.
type tensor struct {
	shape ir.Shape
	halo  [2]int
	place ir.Place
	data  []float64
}

// tensor returns an operand; one without a buffer lies in a task's own memory.
func (m *Machine) tensor(o plan.Operand, own []float64) tensor {
	if b := o.Buffer; b != nil {
		own = m.memory[b.Space][b.Offset+o.At : b.Offset+b.Size]
	}
	return tensor{o.Type.Shape, o.Type.Layout.Halo, o.Type.Place(), own}
}

// at returns the place of an element; along axes of size 1 the coordinate does not count.
func (x tensor) at(coord []int) *float64 {
	local := slices.Clone(coord)
	for axis, d := range x.shape {
		if d == 1 {
			local[axis] = 0
		}
	}
	return &x.data[x.place.Offset(local...)]
}

// eachBorder calls f for every place of the border around the planes of a region.
func (x tensor) eachBorder(r region, f func(*float64)) {
	if x.halo == [2]int{} {
		return
	}
	h, w := x.shape[2], x.shape[3]
	r = slices.Clone(r)
	r[2] = span{-x.halo[0], h + x.halo[0]}
	r[3] = span{-x.halo[1], w + x.halo[1]}
	each(r, func(c []int) {
		if c[2] < 0 || c[2] >= h || c[3] < 0 || c[3] >= w {
			f(&x.data[x.place.Offset(c...)])
		}
	})
}

// checkBorder reports a border that is not all zeros.
func (x tensor) checkBorder(name string) error {
	var err error
	x.eachBorder(whole(x.shape), func(v *float64) {
		if *v != 0 {
			err = fmt.Errorf("the border of %s holds %v", name, *v)
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
