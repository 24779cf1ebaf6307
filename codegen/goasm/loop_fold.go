package goasm

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/gradc/gradc/compiler/plan"
)

// This file holds the sums of loops over blocks of lanes, and what is made of them. A sum is a
// vector of float64 for each half of a vector of float32.

// registersOf returns how many registers a sum takes.
func (e *loopEmitter) registersOf(s plan.Sum) int {
	if s.Kind == plan.Largest {
		return e.parts()
	}
	return 2 * e.parts()
}

// openSums clears the sums that run along axis i and further in.
func (e *loopEmitter) openSums(i int) {
	for n, s := range e.l.Sums {
		if s.Level != i {
			continue
		}
		start := uint32(0)
		if s.Kind == plan.Largest {
			start = math.Float32bits(float32(math.Inf(-1)))
		}
		e.sums[n] = nil
		for range e.registersOf(s) {
			r := e.broadcast(start)
			e.sums[n] = append(e.sums[n], e.settle(r))
		}
	}
}

// settle returns where a sum is kept that has begun in a register.
func (e *loopEmitter) settle(r int) int {
	if !e.spill {
		return r
	}
	slot := e.slot()
	e.a.VMOVUPS(e.a.full(r), e.place(slot))
	e.file.put(r)
	return slot
}

// loadSums reads the sums that the caller keeps.
func (e *loopEmitter) loadSums() {
	for n, s := range e.l.Sums {
		if s.Level >= 0 {
			continue
		}
		p := e.a.GP64()
		e.a.Load(e.a.Param(e.l.names[s.Param]), p)
		for i := range e.registersOf(s) {
			r := e.take()
			e.a.VMOVUPS(at(p, i*e.a.lanes), e.a.full(r))
			e.sums[n] = append(e.sums[n], e.settle(r))
		}
	}
}

// storeSums hands them back.
func (e *loopEmitter) storeSums() {
	for n, s := range e.l.Sums {
		if s.Level >= 0 {
			continue
		}
		p := e.a.GP64()
		e.a.Load(e.a.Param(e.l.names[s.Param]), p)
		for i, sum := range e.sums[n] {
			r, copied := e.sumRegister(sum)
			e.a.VMOVUPS(e.a.full(r), at(p, i*e.a.lanes))
			if copied {
				e.file.put(r)
			}
		}
	}
}

// sumRegister returns the register of a part of a sum, and whether it holds a copy only.
func (e *loopEmitter) sumRegister(place int) (r int, copied bool) {
	if place < e.a.registers {
		return place, false
	}
	r = e.take()
	e.a.VMOVUPS(e.place(place), e.a.full(r))
	return r, true
}

// sum computes a value and adds it to the sums of it.
func (v *values) sum(r root) {
	if len(r.sums) == 0 {
		if len(r.outs) > 0 {
			v.ensure(r.instr)
		}
		return
	}
	wide := false
	for _, s := range r.sums {
		if v.l.Sums[s].Kind == plan.Largest {
			v.largest(s, r.instr)
		} else {
			wide = true
		}
	}
	for half := 0; wide && half < 2; half++ {
		v.addHalf(r, half)
	}
}

// addHalf adds half of a vector to sums of it, and of its squares. The square of a float32 is exact
// in float64, so that it can be added without rounding.
func (v *values) addHalf(r root, half int) {
	d := v.take()
	v.widen(r.instr, half, d)
	place := v.part*2 + half
	var squares []int // in memory: they take the register, so they come last
	for _, s := range r.sums {
		to := v.sums[s][place]
		switch kind := v.l.Sums[s].Kind; {
		case kind == plan.Total:
			v.body++
			v.addTo(to, d)
		case kind == plan.Squares && to < v.a.registers:
			v.body++
			v.a.VFMADD231PD(v.a.full(d), v.a.full(d), v.a.full(to))
		case kind == plan.Squares:
			squares = append(squares, to)
		}
	}
	for i, to := range squares {
		v.body++
		if i == 0 {
			v.a.VMULPD(v.a.full(d), v.a.full(d), v.a.full(d))
		}
		v.addTo(to, d)
	}
	v.file.put(d)
}

// addTo adds register d to a part of a sum.
func (v *values) addTo(to, d int) {
	if to < v.a.registers {
		v.a.VADDPD(v.a.full(d), v.a.full(to), v.a.full(to))
		return
	}
	total := v.take()
	v.a.VADDPD(v.place(to), v.a.full(d), v.a.full(total))
	v.a.VMOVUPD(v.a.full(total), v.place(to))
	v.file.put(total)
}

// widen converts half of a value to float64.
func (v *values) widen(k, half, d int) {
	v.body++
	if v.inMemory(k) && (v.code[k].op == vLoad) && v.direct(k) {
		from := v.address(v.l.Args[v.code[k].imm])
		v.a.VCVTPS2PD(from.Offset(half*v.a.lanes/2*floatBytes), v.a.full(d))
		return
	}
	r, copied := v.register(k)
	switch {
	case half == 0:
		v.a.VCVTPS2PD(v.a.half(r), v.a.full(d))
	case v.a.lanes == 16:
		v.a.VEXTRACTF64X4(operand.U8(1), v.a.full(r), v.a.half(d))
		v.a.VCVTPS2PD(v.a.half(d), v.a.full(d))
	default:
		v.a.VEXTRACTF128(operand.U8(1), v.a.full(r), v.a.half(d))
		v.a.VCVTPS2PD(v.a.half(d), v.a.full(d))
	}
	if copied {
		v.file.put(r)
	}
}

// largest makes a maximum the larger of it and a value, as Go's max does.
func (v *values) largest(s, k int) {
	x, copied := v.register(k)
	place := v.sums[s][v.part]
	old, spilled := v.sumRegister(place)
	a, b := v.take(), v.take()
	v.body += 5
	v.a.VMAXPS(v.a.full(x), v.a.full(old), v.a.full(a))
	v.a.VMAXPS(v.a.full(old), v.a.full(x), v.a.full(b))
	v.a.VANDPS(v.a.full(a), v.a.full(b), v.a.full(b))
	mask := v.takeMask()
	v.a.VCMPPS(operand.U8(unordered), v.a.full(x), v.a.full(old), v.mask(mask))
	nan := v.broadcast(math.Float32bits(float32(math.NaN())))
	if v.a.lanes == 16 {
		v.a.VBLENDMPS(v.a.full(nan), v.a.full(b), v.mask(mask), v.a.full(old))
		v.masks.put(mask)
	} else {
		v.a.VBLENDVPS(v.a.full(mask), v.a.full(nan), v.a.full(b), v.a.full(old))
		v.file.put(mask)
	}
	for _, r := range []int{a, b, nan} {
		v.file.put(r)
	}
	if spilled {
		v.a.VMOVUPS(v.a.full(old), v.place(place))
		v.file.put(old)
	}
	if copied {
		v.file.put(x)
	}
}

// closeSums stores the results of the folds that run along axis i and further in.
func (e *loopEmitter) closeSums(i int) {
	for _, f := range e.l.Folds {
		if e.l.Sums[f.Sum].Level == i {
			e.closeFold(f)
		}
	}
	for n, s := range e.l.Sums {
		if s.Level != i {
			continue
		}
		for _, place := range e.sums[n] {
			if place < e.a.registers {
				e.file.put(place)
			}
		}
	}
}

// closeFold stores what a fold makes of its sums.
func (e *loopEmitter) closeFold(f plan.FunctionFold) {
	e.still = map[int]reg.GPVirtual{}
	defer func() { e.still = nil }()
	for i := range e.sums[f.Sum] {
		if f.Fold == "max" {
			r, copied := e.sumRegister(e.sums[f.Sum][i])
			if to := e.target(f, 0, i*e.a.lanes); e.masked(f.Targets[0]) {
				e.storeMasked(r, i, to)
			} else {
				e.a.VMOVUPS(e.a.full(r), to)
			}
			if copied {
				e.file.put(r)
			}
			continue
		}
		e.closeHalf(f, i)
	}
}

// target returns where the elements of a fold's result lie, from one on.
func (e *loopEmitter) target(f plan.FunctionFold, number, from int) operand.Mem {
	return e.values(0, from, false).address(f.Targets[number])
}

// closeHalf stores what a fold makes of one part of its sums.
func (e *loopEmitter) closeHalf(f plan.FunctionFold, i int) {
	store := func(r, number int) {
		d := e.take()
		if e.a.lanes == 16 {
			e.a.VCVTPD2PS(e.a.full(r), e.a.half(d))
		} else {
			e.a.VCVTPD2PSY(e.a.full(r), e.a.half(d))
		}
		e.storeHalf(f.Targets[number], d, i, e.target(f, number, i*e.a.lanes/2))
		e.file.put(d)
	}
	total, copied := e.sumRegister(e.sums[f.Sum][i])
	if f.Fold == "sum" || f.Fold == "mean" && f.Partial {
		store(total, 0)
	} else {
		mean, count := e.take(), e.countWide(f)
		e.a.VDIVPD(e.a.full(count), e.a.full(total), e.a.full(mean))
		if f.Fold == "mean" || f.Partial {
			store(mean, 0)
		}
		if f.Fold == "var" {
			e.spread(f, i, total, mean)
			if f.Partial {
				store(mean, 1)
			} else {
				e.a.VDIVPD(e.a.full(count), e.a.full(mean), e.a.full(mean))
				store(mean, 0)
			}
		}
		e.file.put(mean)
		e.file.put(count)
	}
	if copied {
		e.file.put(total)
	}
}

// spread replaces the mean by max(0, Σx² - Σx·mean).
func (e *loopEmitter) spread(f plan.FunctionFold, i, total, mean int) {
	e.a.VMULPD(e.a.full(mean), e.a.full(total), e.a.full(mean))
	squares, copied := e.sumRegister(e.sums[f.Squares][i])
	e.a.VSUBPD(e.a.full(mean), e.a.full(squares), e.a.full(mean))
	if copied {
		e.file.put(squares)
	}
	zero := e.broadcast(0)
	e.a.VMAXPD(e.a.full(mean), e.a.full(zero), e.a.full(mean)) // -0 and NaN stay
	e.a.VADDPD(e.a.full(zero), e.a.full(mean), e.a.full(mean)) // -0 becomes 0
	e.file.put(zero)
}

// countWide returns a register with the number of elements that a fold is of, as float64.
func (e *loopEmitter) countWide(f plan.FunctionFold) int {
	if !f.Counted {
		return e.broadcastWide(float64(f.Count))
	}
	v, n := e.take(), e.count(e.l.Axes[0].Param)
	if f.Count > 1 {
		e.a.IMUL3Q(operand.U32(f.Count), n, n)
	}
	e.a.VCVTSI2SDQ(n, e.a.quarter(v), e.a.quarter(v))
	e.a.VBROADCASTSD(e.a.quarter(v), e.a.full(v))
	return v
}

// broadcastWide returns a register with the same float64 everywhere.
func (e *loopEmitter) broadcastWide(x float64) int {
	v, g := e.take(), e.a.GP64()
	e.a.MOVQ(operand.U64(math.Float64bits(x)), g)
	e.a.VMOVQ(g, e.a.quarter(v))
	e.a.VBROADCASTSD(e.a.quarter(v), e.a.full(v))
	return v
}
