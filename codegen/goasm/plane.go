package goasm

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/gradc/gradc/compiler/ir"
)

// plane tells where the pixels of a plane lie: pixel (i, j) at base + i·row + j·pixel.
type plane struct {
	rows, columns    int
	base, row, pixel int
	border           [2]int // rows above and below, columns left and right
	size             int
}

// planeOf returns the plane of one block of channels, or of one channel.
func planeOf(t ir.Type) plane {
	p := t.Place()
	return plane{
		rows: t.Shape[2], columns: t.Shape[3],
		base: p.Base, row: p.Stride[2], pixel: p.Stride[3],
		border: t.Layout.Halo, size: p.Stride[1],
	}
}

// clearBorder sets the border of the plane that begins at a pointer to zeros.
func (a *assembler) clearBorder(p plane, start reg.GPVirtual) {
	if p.border == [2]int{} {
		return
	}
	zero := a.vector()
	a.zero(zero)
	a.fillBorder(p, start, zero, zero.AsX())
}

// fillBorder sets the border to a vector, given with its lowest element.
func (a *assembler) fillBorder(p plane, start reg.GPVirtual, vector, element operand.Op) {
	a.phase("the border")
	at := a.copyOf(start)
	side := p.border[1] * p.pixel
	edge := p.border[0]*p.row + side
	a.fill(vector, element, at, edge)
	if p.rows > 1 {
		a.repeat("sides", p.rows-1, func() {
			a.advance(at, p.columns*p.pixel)
			a.fill(vector, element, at, 2*side)
		})
	}
	a.advance(at, p.columns*p.pixel)
	a.fill(vector, element, at, edge)
}

// fill stores a vector to a number of floats and moves the pointer behind them.
func (a *assembler) fill(vector, element operand.Op, at reg.GPVirtual, floats int) {
	if n := floats / a.lanes; n > 0 {
		a.repeat("fill", n, func() {
			a.VMOVUPS(vector, operand.Mem{Base: at})
			a.advance(at, a.lanes)
		})
	}
	if n := floats % a.lanes; n > 0 {
		a.repeat("rest", n, func() {
			a.VMOVSS(element, operand.Mem{Base: at})
			a.advance(at, 1)
		})
	}
}

// clear sets a number of floats to zeros and moves the pointer behind them.
func (a *assembler) clear(zero reg.VecVirtual, at reg.GPVirtual, floats int) {
	a.fill(zero, zero.AsX(), at, floats)
}
