package goasm

import (
	"slices"
	"strconv"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// This file holds loops over blocks of lanes that may not be full. All lanes are computed; what has
// no memory for the lanes that there are not is read and written under a mask, and is 0 there.

// edged reports whether blocks may not be full.
func (e *loopEmitter) edged() bool { return e.l.Axes[e.loops()].Lanes }

// parts is the number of vectors that hold the lanes of a block.
func (e *loopEmitter) parts() int {
	if a := e.l.Axes[e.loops()]; a.Lanes && a.Param < 0 {
		return ir.Ceil(a.Count, e.a.lanes)
	}
	return e.a.Machine.parts()
}

// masked reports whether a tensor has memory for the lanes only that there are. Tensors that are
// turned are read and written lane by lane.
func (e *loopEmitter) masked(t plan.View) bool {
	return e.edged() && t.Stride != nil && t.Stride[e.loops()] == 1 && !t.Padded
}

// openEdge makes the mask, if there is a use of it: a register with a bit for each lane, or vectors
// in memory with all bits of a lane set.
func (e *loopEmitter) openEdge() {
	if !slices.ContainsFunc(e.tensors(), e.masked) {
		return
	}
	n := e.countLanes()
	if e.a.lanes == 16 {
		bits := e.a.ones(n)
		e.present, _ = e.masks.get()
		e.a.KMOVW(bits.As32(), e.mask(e.present))
		return
	}
	places, v, bytes := e.take(), e.take(), e.a.GP64()
	e.a.MOVQ(operand.U64(0x0706050403020100), bytes)
	e.a.VMOVQ(bytes, e.a.quarter(places))
	e.a.VPMOVSXBD(e.a.quarter(places), e.a.full(places))
	for part := range e.parts() {
		e.a.VMOVD(n.As32(), e.a.quarter(v))
		e.a.VPBROADCASTD(e.a.quarter(v), e.a.full(v))
		e.a.VPCMPGTD(e.a.full(places), e.a.full(v), e.a.full(v)) // v > places
		slot := e.slot()
		e.a.VMOVUPS(e.a.full(v), e.place(slot))
		if part == 0 {
			e.present = slot
		}
		e.a.SUBQ(operand.U8(e.a.lanes), n)
	}
	e.file.put(places)
	e.file.put(v)
}

// countLanes returns a register with the number of lanes.
func (e *loopEmitter) countLanes() reg.GPVirtual {
	a := e.l.Axes[e.loops()]
	if a.Param >= 0 {
		return e.count(a.Param)
	}
	n := e.a.GP64()
	e.a.set(n, a.Count)
	return n
}

// loadMasked reads the lanes of a part that there are.
func (e *loopEmitter) loadMasked(from operand.Mem, part, r int) {
	if e.a.lanes == 16 {
		e.a.VMOVUPS_Z(from, e.mask(e.present), e.a.full(r))
		return
	}
	e.fetchMask(part, func(mask int) { e.a.VMASKMOVPS(from, e.a.full(mask), e.a.full(r)) })
}

// storeMasked writes the lanes of a part that there are.
func (e *loopEmitter) storeMasked(r, part int, to operand.Mem) {
	if e.a.lanes == 16 {
		e.a.VMOVUPS(e.a.full(r), e.mask(e.present), to)
		return
	}
	e.fetchMask(part, func(mask int) { e.a.VMASKMOVPS(e.a.full(r), e.a.full(mask), to) })
}

// fetchMask reads the mask of a part for what use emits.
func (e *loopEmitter) fetchMask(part int, use func(mask int)) {
	mask := e.take()
	e.a.VMOVUPS(e.place(e.present+part), e.a.full(mask))
	use(mask)
	e.file.put(mask)
}

// storeHalf writes half of a vector, the one of some number in the block.
func (e *loopEmitter) storeHalf(t plan.View, r, number int, to operand.Mem) {
	switch {
	case !e.masked(t):
		e.a.VMOVUPS(e.a.half(r), to)
	case e.a.lanes == 16:
		mask := e.takeMask()
		e.a.KSHIFTRW(operand.U8(number*e.a.lanes/2), e.mask(e.present), e.mask(mask))
		e.a.VMOVUPS(e.a.half(r), e.mask(mask), to)
		e.masks.put(mask)
	default:
		mask, first := e.take(), e.slotAt(e.present)
		e.a.VMOVUPS(first.Offset(number*e.a.lanes/2*floatBytes), e.a.half(mask))
		e.a.VMASKMOVPS(e.a.half(r), e.a.half(mask), to)
		e.file.put(mask)
	}
}

// turnEdge copies elements of a tensor, or back, as turn does. Blocks that are not full are copied
// lane by lane.
func (e *loopEmitter) turnEdge(t plan.View, elements int, back bool) {
	n := e.countLanes()
	byLane := func() {
		lanes, blocks := e.turning(t)
		e.a.repeatTimes("lane", n, func() {
			e.copyLane(lanes, blocks, elements, back)
			e.a.advance(lanes, t.Stride[e.loops()])
			e.a.advance(blocks, 1)
		})
	}
	if e.l.Axes[e.loops()].Param < 0 {
		byLane()
		return
	}
	e.a.labels++
	label := "lanes" + strconv.Itoa(e.a.labels)
	e.a.CMPQ(n, operand.U8(Lanes))
	e.a.JNE(operand.LabelRef(label + "Fewer"))
	e.turnFull(t, elements, back)
	e.a.JMP(operand.LabelRef(label + "Done"))
	e.a.Label(label + "Fewer")
	byLane()
	e.a.Label(label + "Done")
}

// copyLane copies some elements of one lane to blocks, or back.
func (e *loopEmitter) copyLane(lane, blocks reg.Register, elements int, back bool) {
	r := e.take()
	x := quarters[r]
	for i := range elements {
		from, to := at(lane, i), at(blocks, i*Lanes)
		if back {
			from, to = to, from
		}
		e.a.VMOVSS(from, x)
		e.a.VMOVSS(x, to)
	}
	e.file.put(r)
}

// clearTiles sets the memory of tiles to zeros, of which nothing writes the lanes that there are
// not: numbers of any kind could slow down what is computed of them.
func (e *loopEmitter) clearTiles() {
	if !e.edged() || len(e.scratch) == 0 {
		return
	}
	zero := e.broadcast(0)
	for i := 0; i < len(e.scratch)*turnSize*Lanes; i += e.a.lanes {
		e.a.VMOVUPS(e.a.full(zero), at(e.memory, i))
	}
	e.file.put(zero)
}
