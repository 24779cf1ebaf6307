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
}

// planeOf returns the plane of one block of channels, or of one channel.
func planeOf(t ir.Type) plane {
	p := t.Place()
	return plane{t.Shape[2], t.Shape[3], p.Base, p.Stride[2], p.Stride[3], t.Layout.Halo}
}

// clearBorder sets the border of the plane that begins at a pointer to zeros.
func (a *assembler) clearBorder(p plane, start reg.GPVirtual) {
	if p.border == [2]int{} {
		return
	}
	zero, at := a.vector(), a.copyOf(start)
	a.zero(zero)
	side := p.border[1] * p.pixel
	edge := p.border[0]*p.row + side
	a.clear(zero, at, edge)
	if p.rows > 1 {
		a.repeat("sides", p.rows-1, func() {
			a.advance(at, p.columns*p.pixel)
			a.clear(zero, at, 2*side)
		})
	}
	a.advance(at, p.columns*p.pixel)
	a.clear(zero, at, edge)
}

// clear stores a vector to a number of floats and moves the pointer behind them.
func (a *assembler) clear(zero reg.VecVirtual, at reg.GPVirtual, floats int) {
	if floats == 0 {
		return
	}
	a.repeat("clear", floats/a.lanes, func() {
		a.VMOVUPS(zero, operand.Mem{Base: at})
		a.advance(at, a.lanes)
	})
}
