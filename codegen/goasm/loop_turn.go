package goasm

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/gradc/gradc/compiler/plan"
)

// This file holds loops over blocks of lanes with tensors whose lanes lie far apart, but whose
// elements along the loop around the lanes lie side by side: tensors in row-major order among those
// in blocks of channels. A tile of elements is turned around in memory before they are read, or
// after they are written.

// turnSize is the number of elements along the loop that are turned at a time.
const turnSize = 8

// turned reports whether a tensor is turned.
func (e *loopEmitter) turned(t plan.View) bool {
	return t.Stride != nil && t.Stride[e.loops()] > 1
}

// findTurned gives each tensor that is turned a place in memory.
func (e *loopEmitter) findTurned() {
	for _, t := range e.tensors() {
		if _, ok := e.scratch[t.Param]; !ok && e.turned(t) {
			e.scratch[t.Param] = len(e.scratch) * turnSize * Lanes
		}
	}
}

// turnedTiles emits the loop over axis i, the innermost, in tiles and then one element at a time.
func (e *loopEmitter) turnedTiles(i int) {
	axis := e.l.Axes[i]
	if axis.Param < 0 {
		if n := axis.Count / turnSize; n > 0 {
			e.a.repeat("tiles", n, func() { e.turnedTile(i, turnSize) })
		}
		if n := axis.Count % turnSize; n > 0 {
			e.a.repeat("rest", n, func() { e.turnedTile(i, 1) })
		}
		return
	}
	n := e.count(axis.Param)
	if axis.Multiple > 0 && axis.Multiple%turnSize == 0 {
		e.a.repeatTimes("tiles", e.countOf(n, turnSize), func() { e.turnedTile(i, turnSize) })
		return
	}
	rest := e.a.copyOf(n)
	e.a.ANDQ(operand.U32(turnSize-1), rest)
	e.a.SHRQ(operand.U8(3), n)
	e.repeatUnlessNone("tiles", n, func() { e.turnedTile(i, turnSize) })
	e.repeatUnlessNone("rest", rest, func() { e.turnedTile(i, 1) })
}

// turnedTile emits a tile of some elements along axis i.
func (e *loopEmitter) turnedTile(i, elements int) {
	for _, t := range e.l.Args {
		if e.turned(t) {
			e.turn(t, elements, false)
		}
	}
	e.cursor = e.a.copyOf(e.memory)
	side := min(e.unroll, elements)
	e.a.repeat("times", elements/side, func() {
		for e.shift = range side {
			e.nest(i + 1)
		}
		e.shift = 0
		e.a.advance(e.cursor, side*Lanes)
		e.move(func(t plan.View) int {
			if e.turned(t) {
				return 0
			}
			return side * t.Stride[i]
		})
	})
	for _, o := range e.l.Outs {
		if e.turned(o.View) {
			e.turn(o.View, elements, true)
		}
	}
	e.move(func(t plan.View) int {
		if e.turned(t) {
			return elements
		}
		return 0
	})
}

// turn copies elements of a tensor to its place in memory, or back.
func (e *loopEmitter) turn(t plan.View, elements int, back bool) {
	if e.edged() {
		e.turnEdge(t, elements, back)
	} else {
		e.turnFull(t, elements, back)
	}
}

// turning returns pointers to a tensor and to its place in memory.
func (e *loopEmitter) turning(t plan.View) (lanes, blocks reg.GPVirtual) {
	lanes = e.a.copyOf(e.pointers[t.Param])
	e.a.advance(lanes, t.Base)
	blocks = e.a.copyOf(e.memory)
	e.a.advance(blocks, e.scratch[t.Param])
	return lanes, blocks
}

// turnFull does so for full blocks.
func (e *loopEmitter) turnFull(t plan.View, elements int, back bool) {
	lanes, blocks := e.turning(t)
	apart := t.Stride[e.loops()]
	e.a.repeat("half", Lanes/turnSize, func() {
		if elements == turnSize {
			e.fetchRows(lanes, apart)
		}
		switch {
		case elements == turnSize && back:
			e.transpose(blocks, Lanes, lanes, apart)
		case elements == turnSize:
			e.transpose(lanes, apart, blocks, Lanes)
		case back:
			e.scatter(blocks, lanes, apart)
		default:
			e.gather(lanes, apart, blocks)
		}
		e.a.advance(lanes, turnSize*apart)
		e.a.advance(blocks, turnSize)
	})
}

// turnAhead is how many elements before their turn are fetched: so many rows of memory at a time are
// more than the processor follows by itself.
const turnAhead = 4 * turnSize

// fetchRows fetches what comes later of 8 rows.
func (e *loopEmitter) fetchRows(row reg.Register, apart int) {
	for i := range turnSize {
		e.a.PREFETCHT0(at(row, i*apart+turnAhead))
	}
}

// transpose copies 8 rows of 8 floats to 8 columns.
func (e *loopEmitter) transpose(from reg.Register, apart int, to reg.Register, toApart int) {
	var rows [turnSize]int
	y := func(i int) operand.Op { return halves[rows[i]] }
	for i := range rows {
		rows[i] = e.take()
	}
	spare := e.take()
	// Row i%4 with the elements 0-3 of rows i and i+4, for i >= 4 with their elements 4-7.
	for i := range rows {
		row, half := i%4, i/4*4
		e.a.VMOVUPS(at(from, row*apart+half), quarters[rows[i]])
		e.insertHigh(at(from, (row+4)*apart+half), rows[i])
	}
	for half := 0; half < turnSize; half += 4 {
		for i := half; i < half+4; i += 2 { // pairs of elements of two rows
			e.a.VUNPCKHPS(y(i+1), y(i), halves[spare])
			e.a.VUNPCKLPS(y(i+1), y(i), y(i))
			rows[i+1], spare = spare, rows[i+1]
		}
		for i := half; i < half+2; i++ { // quads
			e.a.VUNPCKHPD(y(i+2), y(i), halves[spare])
			e.a.VUNPCKLPD(y(i+2), y(i), y(i))
			rows[i+2], spare = spare, rows[i+2]
		}
		for i, column := range []int{0, 2, 1, 3} {
			e.a.VMOVUPS(y(half+i), at(to, (half+column)*toApart))
		}
	}
	for _, r := range append(rows[:], spare) {
		e.file.put(r)
	}
}

// gather copies 8 floats that lie apart.
func (e *loopEmitter) gather(from reg.Register, apart int, to reg.Register) {
	low, high := e.take(), e.take()
	for i, r := range []int{low, high} {
		x := quarters[r]
		e.a.VMOVSS(at(from, 4*i*apart), x)
		for j := 1; j < 4; j++ {
			e.a.VINSERTPS(operand.U8(j<<4), at(from, (4*i+j)*apart), x, x)
		}
	}
	e.insertHigh(quarters[high], low)
	e.a.VMOVUPS(halves[low], at(to, 0))
	e.file.put(low)
	e.file.put(high)
}

// scatter copies 8 floats to places that lie apart.
func (e *loopEmitter) scatter(from, to reg.Register, apart int) {
	r := e.take()
	for i := range 2 {
		e.a.VMOVUPS(at(from, 4*i), quarters[r])
		for j := range 4 {
			e.a.VEXTRACTPS(operand.U8(j), quarters[r], at(to, (4*i+j)*apart))
		}
	}
	e.file.put(r)
}

// insertHigh sets the elements 4-7 of a register.
func (e *loopEmitter) insertHigh(from operand.Op, r int) {
	if e.a.lanes == 16 { // the older instruction does not reach all registers
		e.a.VINSERTF32X4(operand.U8(1), from, halves[r], halves[r])
		return
	}
	e.a.VINSERTF128(operand.U8(1), from, halves[r], halves[r])
}
