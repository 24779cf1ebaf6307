package goasm

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/mmcloughlin/avo/operand"

	"github.com/gradc/gradc/compiler/plan"
)

// values computes instructions for one vector of an element. Values stay in registers until their
// last use.
type values struct {
	*loopEmitter
	part   int         // of the block of lanes
	offset int         // of the vector along the last axis
	single bool        // one number instead of a vector
	left   map[int]int // uses to come, by instruction
	in     map[int]int // registers of values
}

func (e *loopEmitter) values(part, offset int, single bool) *values {
	return &values{loopEmitter: e, part: part, offset: offset, single: single,
		left: map[int]int{}, in: map[int]int{}}
}

// element emits what is computed, summed up and stored for one vector of an element. All of its
// arguments are read before anything is stored.
func (e *loopEmitter) element(part, offset int, single bool) {
	v := e.values(part, offset, single)
	before := e.body
	for _, r := range e.roots {
		v.count(r.instr)
	}
	for _, r := range e.roots {
		v.sum(r)
		if len(r.outs) == 0 {
			v.used(r.instr)
		}
	}
	for _, r := range e.roots {
		if len(r.outs) > 0 && len(e.roots) > 1 { // results may take the place of arguments
			v.read(r.instr)
		}
	}
	for _, r := range e.roots {
		for _, out := range r.outs {
			v.store(e.l.Outs[out].View, r.instr)
		}
		if len(r.outs) > 0 {
			v.used(r.instr)
		}
	}
	if single {
		e.body = before
	}
}

// homeOf returns where a value is kept that was computed in front of a loop.
func (v *values) homeOf(k int) (int, bool) {
	s := spot{k, v.part}
	if !v.at[k].lanes {
		s.part = 0
	}
	home, ok := v.home[s]
	return home, ok
}

// count notes a use of a value, and what it needs.
func (v *values) count(k int) {
	v.left[k]++
	if _, ok := v.homeOf(k); ok || v.left[k] > 1 {
		return
	}
	for _, a := range v.code[k].args {
		if a != noArgument {
			v.count(a)
		}
	}
}

// used ends a use of a value.
func (v *values) used(k int) {
	v.left[k]--
	r, ok := v.in[k]
	if !ok || v.left[k] > 0 {
		return
	}
	delete(v.in, k)
	if v.code[k].op == vCompare && v.a.lanes == 16 {
		v.masks.put(r)
	} else {
		v.file.put(r)
	}
}

// inMemory reports whether an instruction can read a value from memory.
func (v *values) inMemory(k int) bool {
	if _, ok := v.in[k]; ok {
		return false
	}
	home, ok := v.homeOf(k)
	return ok && home >= v.a.registers || !ok && v.direct(k)
}

// direct reports whether a value is an argument's elements that nobody else reads.
func (v *values) direct(k int) bool {
	return v.code[k].op == vLoad && v.at[k].lanes && v.left[k] == 1 && !v.single &&
		!v.integers(k) && !v.masked(v.l.Args[v.code[k].imm])
}

// integers reports whether an argument's elements are integers.
func (v *values) integers(load int) bool {
	return v.l.Params[v.l.Args[v.code[load].imm].Param] == "[]int32"
}

// operand returns what an instruction reads a value from.
func (v *values) operand(k int) operand.Op {
	if r, ok := v.in[k]; ok {
		return v.a.full(r)
	}
	if home, ok := v.homeOf(k); ok {
		return v.place(home)
	}
	if v.direct(k) {
		return v.address(v.l.Args[v.code[k].imm])
	}
	v.compute(k)
	return v.a.full(v.in[k])
}

// register returns the register that a value is in, and whether it holds a copy of it only.
func (v *values) register(k int) (r int, copied bool) {
	if r, ok := v.in[k]; ok {
		return r, false
	}
	if home, ok := v.homeOf(k); ok {
		if home < v.a.registers {
			return home, false
		}
		r := v.take()
		v.fetch(v.place(home), r)
		return r, true
	}
	v.compute(k)
	return v.in[k], false
}

// fetch copies a vector to a register.
func (v *values) fetch(from operand.Op, r int) { v.a.VMOVUPS(from, v.a.full(r)) }

// ensure computes a value unless it is there, or can be read from memory.
func (v *values) ensure(k int) {
	if !v.direct(k) {
		v.read(k)
	}
}

// read computes a value unless it is there.
func (v *values) read(k int) {
	_, there := v.in[k]
	if _, kept := v.homeOf(k); !there && !kept {
		v.compute(k)
	}
}

// ensureAll ensures the arguments of an instruction, first for those that take more registers.
func (v *values) ensureAll(args []int) {
	order := slices.Clone(args)
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(v.demand(b), v.demand(a)) })
	for _, k := range order {
		v.ensure(k)
	}
}

// demand estimates how many registers computing a value takes.
func (e *loopEmitter) demand(k int) int {
	if e.demands[k] == 0 {
		most := 1
		for i, a := range e.code[k].args {
			if a == noArgument || e.isHoisted(a) {
				continue
			}
			if d := e.demand(a); d == most && i > 0 {
				most++
			} else {
				most = max(most, d)
			}
		}
		e.demands[k] = most
	}
	return e.demands[k]
}

// compute emits an instruction, after those it needs.
func (v *values) compute(k int) {
	in := v.code[k]
	var args []int
	for _, a := range in.args {
		if a != noArgument {
			args = append(args, a)
		}
	}
	if commutes[in.op] && v.inMemory(args[0]) && !v.inMemory(args[1]) {
		args[0], args[1] = args[1], args[0]
	}
	v.ensureAll(args)
	v.body++
	switch in.op {
	case vLoad:
		v.in[k] = v.load(v.l.Args[in.imm])
	case vConst:
		v.in[k] = v.broadcast(in.imm)
	case vCompare:
		x, y, done := v.pair(args)
		done()
		d := v.takeMask()
		v.a.VCMPPS(operand.U8(in.imm), y, x, v.mask(d))
		v.in[k] = d
	case vKeep:
		mask, x := v.in[args[0]], v.operand(args[1])
		v.used(args[0])
		v.used(args[1])
		d := v.take()
		if v.a.lanes == 16 {
			v.a.VMOVUPS_Z(x, v.mask(mask), v.a.full(d))
		} else {
			v.a.VANDPS(x, v.a.full(mask), v.a.full(d))
		}
		v.in[k] = d
	case vBlend:
		v.in[k] = v.blend(args)
	case vSqrt, vLeft, vRight:
		v.in[k] = v.unary(in, args[0])
	default:
		x, y, done := v.pair(args)
		done()
		d := v.take()
		v.emit(in.op, y, x, v.a.full(d))
		v.in[k] = d
	}
}

// pair returns the operands of an instruction of two arguments, of which the first must be in a
// register, and what ends their use.
func (v *values) pair(args []int) (x, y operand.Op, done func()) {
	r, copied := v.register(args[0])
	y = v.operand(args[1])
	return v.a.full(r), y, func() {
		if copied {
			v.file.put(r)
		}
		v.used(args[0])
		v.used(args[1])
	}
}

func (v *values) blend(args []int) int {
	r, copied := v.register(args[2])
	mask, x := v.in[args[0]], v.operand(args[1])
	if copied {
		v.file.put(r)
	}
	for _, a := range args {
		v.used(a)
	}
	d := v.take()
	if v.a.lanes == 16 {
		v.a.VBLENDMPS(x, v.a.full(r), v.mask(mask), v.a.full(d))
	} else {
		v.a.VBLENDVPS(v.a.full(mask), x, v.a.full(r), v.a.full(d))
	}
	return d
}

func (v *values) unary(in vinstr, arg int) int {
	if in.op == vSqrt {
		x := v.operand(arg)
		v.used(arg)
		d := v.take()
		v.a.VSQRTPS(x, v.a.full(d))
		return d
	}
	r, copied := v.register(arg)
	if copied {
		v.file.put(r)
	}
	v.used(arg)
	d := v.take()
	if in.op == vLeft {
		v.a.VPSLLD(operand.U8(in.imm), v.a.full(r), v.a.full(d))
	} else {
		v.a.VPSRAD(operand.U8(in.imm), v.a.full(r), v.a.full(d))
	}
	return d
}

// emit emits d = x op y.
func (e *loopEmitter) emit(op vop, y, x, d operand.Op) {
	switch op {
	case vAdd:
		e.a.VADDPS(y, x, d)
	case vSub:
		e.a.VSUBPS(y, x, d)
	case vMul:
		e.a.VMULPS(y, x, d)
	case vDiv:
		e.a.VDIVPS(y, x, d)
	case vMax:
		e.a.VMAXPS(y, x, d)
	case vMin:
		e.a.VMINPS(y, x, d)
	case vAnd:
		e.a.VANDPS(y, x, d)
	case vOr:
		e.a.VORPS(y, x, d)
	case vXor:
		e.a.VXORPS(y, x, d)
	case vAddInt:
		e.a.VPADDD(y, x, d)
	case vSubInt:
		e.a.VPSUBD(y, x, d)
	default:
		panic("goasm: there is no instruction for " + strconv.Itoa(int(op)))
	}
}

// address returns where the elements of a tensor lie.
func (v *values) address(t plan.View) operand.Mem {
	if tile, ok := v.scratch[t.Param]; ok {
		return at(v.cursor, tile+v.shift*Lanes+v.offset)
	}
	offset := t.Base + v.offset*t.Stride[v.loops()]
	if v.loops() > 0 {
		offset += v.shift * t.Stride[v.loops()-1]
	}
	pointer, ok := v.pointers[t.Param]
	if !ok {
		pointer, ok = v.still[t.Param]
	}
	if !ok {
		pointer = v.pointerTo(t.Param)
		if v.still != nil {
			v.still[t.Param] = pointer
		}
	}
	return at(pointer, offset)
}

// load reads an argument's elements.
func (v *values) load(t plan.View) int {
	r := v.take()
	param := v.l.Params[t.Param]
	if param == "float32" {
		number, err := v.a.Param(v.l.names[t.Param]).Resolve()
		v.failed = v.failed || err != nil
		if err == nil {
			v.a.VBROADCASTSS(number.Addr, v.a.full(r))
		}
		return r
	}
	from := v.address(t)
	switch {
	case t.Stride[v.loops()] == 0:
		v.a.VBROADCASTSS(from, v.a.full(r))
	case v.single:
		v.a.VMOVSS(from, v.a.quarter(r))
	case v.masked(t):
		v.loadMasked(from, v.part, r)
	default:
		v.fetch(from, r)
	}
	if param == "[]int32" {
		v.a.VCVTDQ2PS(v.a.full(r), v.a.full(r))
	}
	return r
}

// store writes a value to a tensor.
func (v *values) store(t plan.View, k int) {
	r, copied := v.register(k)
	v.body++
	switch to := v.address(t); {
	case v.single:
		v.a.VMOVSS(v.a.quarter(r), to)
	case v.masked(t):
		v.storeMasked(r, v.part, to)
	default:
		v.a.VMOVUPS(v.a.full(r), to)
	}
	if copied {
		v.file.put(r)
	}
}
