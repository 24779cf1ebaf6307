package goasm

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// registers are those of one kind that nothing is in, by number.
type registers struct{ free []bool }

func newRegisters(from, to int) registers {
	r := registers{make([]bool, to)}
	for i := from; i < to; i++ {
		r.free[i] = true
	}
	return r
}

// get returns a free register, and false if there is none.
func (r *registers) get() (int, bool) {
	for i, free := range r.free {
		if free {
			r.free[i] = false
			return i, true
		}
	}
	return len(r.free) - 1, false
}

func (r *registers) put(i int) { r.free[i] = true }

var (
	quarters = []reg.Physical{reg.X0, reg.X1, reg.X2, reg.X3, reg.X4, reg.X5, reg.X6, reg.X7, reg.X8,
		reg.X9, reg.X10, reg.X11, reg.X12, reg.X13, reg.X14, reg.X15, reg.X16, reg.X17, reg.X18,
		reg.X19, reg.X20, reg.X21, reg.X22, reg.X23, reg.X24, reg.X25, reg.X26, reg.X27, reg.X28,
		reg.X29, reg.X30, reg.X31}
	halves = []reg.Physical{reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7, reg.Y8,
		reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15, reg.Y16, reg.Y17, reg.Y18,
		reg.Y19, reg.Y20, reg.Y21, reg.Y22, reg.Y23, reg.Y24, reg.Y25, reg.Y26, reg.Y27, reg.Y28,
		reg.Y29, reg.Y30, reg.Y31}
	wholes = []reg.Physical{reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7, reg.Z8,
		reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15, reg.Z16, reg.Z17, reg.Z18,
		reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23, reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28,
		reg.Z29, reg.Z30, reg.Z31}
	maskRegisters = []reg.Physical{reg.K0, reg.K1, reg.K2, reg.K3, reg.K4, reg.K5, reg.K6, reg.K7}
)

// full returns a vector register by its number, half and quarter its lower half and the lowest 128
// bits of it.
func (m Machine) full(i int) reg.Physical {
	if m.lanes == 16 {
		return wholes[i]
	}
	return halves[i]
}

func (m Machine) half(i int) reg.Physical {
	if m.lanes == 16 {
		return halves[i]
	}
	return quarters[i]
}

func (m Machine) quarter(i int) reg.Physical { return quarters[i] }

// take returns a free vector register. If there is none, the emission has failed.
func (e *loopEmitter) take() int {
	r, ok := e.file.get()
	e.failed = e.failed || !ok
	return r
}

// takeMask returns a free register for the result of a comparison.
func (e *loopEmitter) takeMask() int {
	if e.a.lanes < 16 {
		return e.take()
	}
	r, ok := e.masks.get()
	e.failed = e.failed || !ok
	return r
}

// mask returns the register of a mask by its number.
func (e *loopEmitter) mask(i int) reg.Physical {
	if e.a.lanes < 16 {
		return e.a.full(i)
	}
	return maskRegisters[i]
}

// slot returns a new place for a vector in memory, numbered behind the registers.
func (e *loopEmitter) slot() int {
	e.taken++
	return e.a.registers + e.taken - 1
}

// place returns the operand of a register or of a slot.
func (e *loopEmitter) place(i int) operand.Op {
	if i < e.a.registers {
		return e.a.full(i)
	}
	return e.slotAt(i)
}

// slotAt returns where a slot lies.
func (e *loopEmitter) slotAt(i int) operand.Mem {
	return at(e.memory, len(e.scratch)*turnSize*Lanes+(i-e.a.registers)*e.a.lanes)
}

// broadcast returns a register with the same bits everywhere.
func (e *loopEmitter) broadcast(word uint32) int {
	v := e.take()
	if word == 0 {
		e.a.VXORPS(e.a.full(v), e.a.full(v), e.a.full(v))
		return v
	}
	g := e.a.GP32()
	e.a.MOVL(operand.U32(word), g)
	e.a.VMOVD(g, e.a.quarter(v))
	e.a.VBROADCASTSS(e.a.quarter(v), e.a.full(v))
	return v
}
