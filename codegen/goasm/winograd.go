package goasm

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/gradc/gradc/compiler/winograd"
)

// This file holds the transforms of Winograd's algorithm, whose formulas are in
// compiler/winograd. Each goes over tiles or channels, of Lanes lanes each: over the columns of
// a square of numbers first, then over the rows of what that left.

// winogradConv returns the functions that convolutions share.
func winogradConv() shared {
	return shared{
		"winogradInput":   {"v = Bᵀ·x·B", (*assembler).winogradInput},
		"winogradProduct": {"m[tile] = Σ_c v[c][tile]·u[c]", (*assembler).winogradProduct},
		"winogradOutput":  {"y = Aᵀ·m·A", (*assembler).winogradOutput},
	}
}

// transform is a function in the making that turns squares of numbers into others.
type transform struct {
	a         *assembler
	from, to  int // numbers in a row of the square before and behind
	line      func(t *transform, x []reg.VecVirtual) []reg.VecVirtual
	constants map[float64]operand.Op
	between   operand.Mem // the columns' results, to by from vectors
}

// winogradTransform begins a function and loads the constants of a transform.
func (a *assembler) winogradTransform(
	from, to int, constants []float64,
	line func(*transform, []reg.VecVirtual) []reg.VecVirtual,
) *transform {
	t := &transform{a: a, from: from, to: to, line: line,
		constants: map[float64]operand.Op{}}
	size := a.lanes * floatBytes
	space := a.alignedLocal((len(constants) + from*to) * size)
	t.between = space.Offset(len(constants) * size)
	a.phase("constants")
	bits := a.GP32()
	for i, c := range constants {
		a.MOVL(operand.U32(math.Float32bits(float32(c))), bits)
		x, v := a.XMM(), a.vector()
		a.VMOVD(bits, x)
		a.VBROADCASTSS(x, v)
		t.constants[c] = v
		if a.registers <= fewRegisters {
			t.constants[c] = space.Offset(i * size)
			a.VMOVUPS(v, t.constants[c])
		}
	}
	return t
}

// fewRegisters do not hold the constants of a transform and its numbers.
const fewRegisters = 16

// plus returns y + c·x.
func (t *transform) plus(y reg.VecVirtual, c float64, x reg.VecVirtual) reg.VecVirtual {
	sum := t.a.vector()
	t.a.VMOVAPS(y, sum)
	t.a.VFMADD231PS(t.constants[c], x, sum)
	return sum
}

// minus returns y - c·x.
func (t *transform) minus(y reg.VecVirtual, c float64, x reg.VecVirtual) reg.VecVirtual {
	sum := t.a.vector()
	t.a.VMOVAPS(y, sum)
	t.a.VFNMADD231PS(t.constants[c], x, sum)
	return sum
}

// times returns c·x.
func (t *transform) times(c float64, x reg.VecVirtual) reg.VecVirtual {
	product := t.a.vector()
	t.a.VMULPS(t.constants[c], x, product)
	return product
}

// both returns x + y and x - y.
func (t *transform) both(x, y reg.VecVirtual) (sum, difference reg.VecVirtual) {
	sum, difference = t.a.vector(), t.a.vector()
	t.a.VADDPS(y, x, sum)
	t.a.VSUBPS(y, x, difference)
	return sum, difference
}

// add returns x + y.
func (t *transform) add(x, y reg.VecVirtual) reg.VecVirtual {
	sum := t.a.vector()
	t.a.VADDPS(y, x, sum)
	return sum
}

// Short names for the points and their weights.
const (
	p1, p2, p3 = winograd.Point1, winograd.Point1Square, winograd.Point1Cube
	q1, q2, q3 = winograd.Point2, winograd.Point2Square, winograd.Point2Cube
	w0, wp, wq = winograd.Weight0, winograd.Weight1, winograd.Weight2
)

// square emits the transform of one square of vectors whose columns begin at x and whose rows go
// to y.
func (t *transform) square(x, y addresses) {
	size := t.a.lanes * floatBytes
	temp := t.a.GP64()
	t.a.LEAQ(t.between, temp)
	t.a.repeat("column", t.from, func() {
		for i, v := range t.line(t, t.loadAll(x.list(t.from))) {
			t.a.VMOVUPS(v, operand.Mem{Base: temp, Disp: i * t.from * size})
		}
		x.fetch()
		t.a.ADDQ(operand.U32(size), temp)
		x.next()
	})
	t.a.LEAQ(t.between, temp)
	t.a.repeat("line", t.to, func() {
		row := make([]operand.Mem, t.from)
		for i := range row {
			row[i] = operand.Mem{Base: temp, Disp: i * size}
		}
		places := y.list(t.to)
		for i, v := range t.line(t, t.loadAll(row)) {
			t.a.VMOVUPS(v, places[i])
		}
		t.a.ADDQ(operand.U32(t.from*size), temp)
		y.next()
	})
}

func (t *transform) loadAll(from []operand.Mem) []reg.VecVirtual {
	list := t.a.vectors(len(from))
	for i, v := range list {
		t.a.VMOVUPS(from[i], v)
	}
	return list
}

// addresses are those of the vectors of a line, how to get to the next line, and how to fetch what
// comes behind them all.
type addresses struct {
	list  func(n int) []operand.Mem
	next  func()
	fetch func()
}

// lines returns the addresses of vectors that lie some bytes apart; next moves the pointer to the
// first of the next line.
func (t *transform) lines(
	start, apart reg.GPVirtual, next func(start, third reg.GPVirtual),
) addresses {
	third := t.a.GP64() // address of vector 3
	find := func() {
		t.a.LEAQ(operand.Mem{Base: start, Index: apart, Scale: 2}, third)
		t.a.ADDQ(apart, third)
	}
	find()
	return addresses{
		list: func(n int) []operand.Mem {
			return []operand.Mem{{Base: start}, {Base: start, Index: apart, Scale: 1},
				{Base: start, Index: apart, Scale: 2}, {Base: third},
				{Base: third, Index: apart, Scale: 1}, {Base: third, Index: apart, Scale: 2}}[:n]
		},
		next: func() {
			next(start, third)
			find()
		},
		fetch: func() {},
	}
}

// columns returns the addresses of the columns of pixels whose rows lie some bytes apart. What comes
// next is some bytes behind them.
func (t *transform) columns(start, row reg.GPVirtual, next operand.Op) addresses {
	columns := t.lines(start, row, func(start, _ reg.GPVirtual) { t.a.advance(start, Lanes) })
	if next != nil {
		columns.fetch = func() {
			p := t.a.GP64()
			t.a.MOVQ(next, p)
			t.a.ADDQ(start, p)
			for i := range t.from {
				t.a.PREFETCHT0(operand.Mem{Base: p})
				if i < t.from-1 {
					t.a.ADDQ(row, p)
				}
			}
		}
	}
	return columns
}

// rows returns the addresses of the rows of squares of winograd.Patch vectors in a row, some bytes
// apart.
func (t *transform) rows(start, apart reg.GPVirtual) addresses {
	return t.lines(start, apart, func(start, third reg.GPVirtual) {
		t.a.LEAQ(operand.Mem{Base: third, Index: apart, Scale: 2}, start)
		t.a.ADDQ(apart, start)
	})
}

// each emits body for every part of a block of channels, with copies of two pointers. These go on
// by some floats for the next of count tiles or channels.
func (t *transform) each(
	count string, to, from reg.GPVirtual, toNext, fromNext int,
	body func(to, from reg.GPVirtual),
) {
	left := t.a.GP64()
	t.a.Load(t.a.Param(count), left)
	t.a.repeatTimes(count, left, func() {
		t.a.repeat("part", t.a.parts(), func() {
			body(t.a.copyOf(to), t.a.copyOf(from))
			t.a.advance(to, t.a.lanes)
			t.a.advance(from, t.a.lanes)
		})
		t.a.advance(to, toNext-Lanes)
		t.a.advance(from, fromNext-Lanes)
	})
	t.a.done()
}

// winogradInput emits v = Bᵀ·x·B.
func (a *assembler) winogradInput() {
	t := a.winogradTransform(6, 6, []float64{p1, p2, q1, q2, p2 * q2, p2 + q2}, (*transform).input)
	v, x, row, step := t.a.pointer("v"), t.a.pointer("x"), t.a.bytes("row"), t.a.bytes("step")
	next := t.a.onStack(t.a.bytes("next"))
	t.each("tiles", v, x, Lanes, winograd.Tile*Lanes, func(v, x reg.GPVirtual) {
		t.square(t.columns(x, row, next), t.rows(v, step))
	})
}

func (t *transform) input(x []reg.VecVirtual) []reg.VecVirtual {
	v0 := t.minus(t.plus(x[4], p2*q2, x[0]), p2+q2, x[2])
	v5 := t.minus(t.plus(x[5], p2*q2, x[1]), p2+q2, x[3])
	even, odd := t.minus(x[4], q2, x[2]), t.minus(x[3], q2, x[1])
	v1, v2 := t.plus(even, p1, odd), t.minus(even, p1, odd)
	even, odd = t.minus(x[4], p2, x[2]), t.minus(x[3], p2, x[1])
	v3, v4 := t.plus(even, q1, odd), t.minus(even, q1, odd)
	return []reg.VecVirtual{v0, v1, v2, v3, v4, v5}
}

// winogradOutput emits y = Aᵀ·m·A.
func (a *assembler) winogradOutput() {
	t := a.winogradTransform(6, 4, []float64{p1, p2, p3, q1, q2, q3}, (*transform).output)
	y, m, row, step := t.a.pointer("y"), t.a.pointer("m"), t.a.bytes("row"), t.a.bytes("step")
	t.each("tiles", y, m, winograd.Tile*Lanes, Lanes, func(y, m reg.GPVirtual) {
		t.square(t.rows(m, step), t.columns(y, row, nil))
	})
}

func (t *transform) output(m []reg.VecVirtual) []reg.VecVirtual {
	sumP, differenceP := t.both(m[1], m[2])
	sumQ, differenceQ := t.both(m[3], m[4])
	return []reg.VecVirtual{
		t.add(t.add(m[0], sumP), sumQ),
		t.plus(t.times(p1, differenceP), q1, differenceQ),
		t.plus(t.times(p2, sumP), q2, sumQ),
		t.plus(t.plus(m[5], p3, differenceP), q3, differenceQ),
	}
}
