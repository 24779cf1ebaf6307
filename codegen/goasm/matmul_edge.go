package goasm

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// edge is a mask over two vectors side by side: it lets through the first few floats. Memory
// behind them is not touched.
type edge struct {
	a       *assembler
	vectors [2]reg.VecVirtual    // where all bits of a float's place are set, or
	bits    [2]reg.OpmaskVirtual // one bit for each float
}

// edge returns a mask for the number of floats in a register.
func (a *assembler) edge(floats reg.GPVirtual) edge {
	e := edge{a: a}
	if a.lanes == 16 {
		ones := a.ones(floats)
		for i := range e.bits {
			e.bits[i] = a.K()
			a.KMOVW(ones.As32(), e.bits[i])
			a.SHRQ(operand.U8(a.lanes), ones)
		}
		return e
	}
	places, n := a.YMM(), a.copyOf(floats)
	bytes := a.GP64()
	a.MOVQ(operand.U64(0x0706050403020100), bytes)
	a.VMOVQ(bytes, places.AsX())
	a.VPMOVSXBD(places.AsX(), places)
	for i := range e.vectors {
		v := a.YMM()
		a.VMOVD(n.As32(), v.AsX())
		a.VPBROADCASTD(v.AsX(), v)
		a.VPCMPGTD(places, v, v) // v > places
		a.SUBQ(operand.U8(a.lanes), n)
		e.vectors[i] = v
	}
	return e
}

// ones returns a register with as many of its lowest bits set as n says, 63 at most.
func (a *assembler) ones(n reg.GPVirtual) reg.GPVirtual {
	ones := a.GP64()
	a.MOVQ(n, reg.RCX)
	a.MOVQ(operand.U32(1), ones)
	a.SHLQ(reg.CL, ones)
	a.DECQ(ones)
	return ones
}

// load reads into v; what is masked is 0.
func (e edge) load(from operand.Mem, part int, v reg.VecVirtual) {
	if e.a.lanes == 16 {
		e.a.VMOVUPS_Z(from, e.bits[part], v)
		return
	}
	e.a.VMASKMOVPS(from, e.vectors[part], v)
}

// store writes v but for what is masked.
func (e edge) store(v reg.VecVirtual, part int, to operand.Mem) {
	if e.a.lanes == 16 {
		e.a.VMOVUPS(v, e.bits[part], to)
		return
	}
	e.a.VMASKMOVPS(v, e.vectors[part], to)
}
