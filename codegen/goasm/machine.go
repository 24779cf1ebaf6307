// Package goasm prints the inner loops of kernels as Go assembly, by way of avo. Each function
// replaces a Go function of the same arguments, which stays beside it as its twin: the
// documentation, the test and the fallback.
package goasm

import (
	"strconv"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Machine is an instruction set that functions are emitted for.
type Machine struct {
	Name      string // as in GRADC_CPU
	Suffix    string // of the functions' names
	lanes     int    // floats in a vector register
	registers int    // vector registers
}

// Machines lists the instruction sets, the best first.
func Machines() []Machine {
	return []Machine{
		{Name: "avx512", Suffix: "AVX512", lanes: 16, registers: 32},
		{Name: "avx2", Suffix: "AVX2", lanes: 8, registers: 16},
	}
}

// parts is the number of registers that hold a block of channels.
func (m Machine) parts() int { return Lanes / m.lanes }

// letter is what the names of vector registers begin with.
func (m Machine) letter() string {
	if m.lanes == 16 {
		return "Z"
	}
	return "Y"
}

// assembler writes functions for one machine. Who needs it has it in a field of its own: for each
// type that embeds it, the Go compiler would write its three thousand methods anew.
type assembler struct {
	*build.Context
	Machine
	labels int
	heads  []*head // of the functions
}

const floatBytes = 4

// at returns the address of the float that lies offset floats behind base.
func at(base reg.Register, offset int) operand.Mem {
	return operand.Mem{Base: base, Disp: offset * floatBytes}
}

// vector returns a free vector register.
func (a *assembler) vector() reg.VecVirtual {
	if a.lanes == 16 {
		return a.ZMM()
	}
	return a.YMM()
}

// vectors returns n free vector registers.
func (a *assembler) vectors(n int) []reg.VecVirtual {
	list := make([]reg.VecVirtual, n)
	for i := range list {
		list[i] = a.vector()
	}
	return list
}

// named returns n free vector registers and notes what they hold.
func (a *assembler) named(what string, n int) []reg.VecVirtual {
	list := a.vectors(n)
	for _, v := range list {
		a.holds(what, v)
	}
	return list
}

// zero clears a vector register. Of 512-bit instructions, avo knows of VPSUBD, but not of VPXORD,
// that the result does not depend on what the register held.
func (a *assembler) zero(v reg.VecVirtual) {
	if a.lanes == 16 {
		a.VPSUBD(v, v, v)
		return
	}
	a.VXORPS(v, v, v)
}

// pointer loads the address of a slice argument.
func (a *assembler) pointer(param string) reg.GPVirtual {
	p := a.GP64()
	a.Load(a.Param(param).Base(), p)
	a.holds(param, p)
	return p
}

// copyOf returns a new register with the content of r.
func (a *assembler) copyOf(r reg.GPVirtual) reg.GPVirtual {
	c := a.GP64()
	a.MOVQ(r, c)
	a.holdsSame(c, r)
	return c
}

// bytes loads a number of floats as a number of bytes.
func (a *assembler) bytes(param string) reg.GPVirtual {
	n := a.GP64()
	a.Load(a.Param(param), n)
	a.SHLQ(operand.U8(2), n) // floatBytes each
	a.holds(param+" in bytes", n)
	return n
}

// onStack stores a word on the stack, where it takes no register.
func (a *assembler) onStack(r reg.GPVirtual) operand.Mem {
	word := a.AllocLocal(8)
	a.MOVQ(r, word)
	a.holdsSame(word, r)
	return word
}

// alignedLocal returns memory on the stack that begins with a cache line: vectors that share two
// lines take twice as long.
func (a *assembler) alignedLocal(bytes int) operand.Mem {
	const line = lineFloats * floatBytes
	p := a.GP64()
	a.LEAQ(a.AllocLocal(bytes+line), p)
	a.ADDQ(operand.U8(line-1), p)
	a.ANDQ(operand.I8(-line), p)
	return operand.Mem{Base: p}
}

// advance moves a pointer by a number of floats.
func (a *assembler) advance(p reg.GPVirtual, floats int) {
	switch bytes := floats * floatBytes; {
	case bytes > 0:
		a.ADDQ(operand.U32(bytes), p)
	case bytes < 0:
		a.SUBQ(operand.U32(-bytes), p)
	}
}

// label returns a label that no other bears.
func (a *assembler) label(name string) operand.LabelRef {
	a.labels++
	return operand.LabelRef(name + strconv.Itoa(a.labels))
}

// loop begins a loop that counts a register or a word down, and returns its label.
func (a *assembler) loop(name string, count operand.Op) operand.LabelRef {
	a.holds("rounds of "+name, count)
	start := a.label(name)
	a.Label(string(start))
	return start
}

// repeat emits body in a loop of n rounds, or alone if there is but one.
func (a *assembler) repeat(name string, n int, body func()) {
	if n == 1 {
		body()
		return
	}
	count := a.GP64()
	a.MOVQ(operand.U32(n), count)
	a.repeatTimes(name, count, body)
}

// repeatTimes emits body in a loop that counts a register or a word down to 0, from at least 1.
func (a *assembler) repeatTimes(name string, count operand.Op, body func()) {
	start := a.loop(name, count)
	body()
	a.DECQ(count)
	a.JNZ(start)
}

// whilePositive emits body in a loop that takes step off a register or a word while it is positive.
func (a *assembler) whilePositive(name string, left operand.Op, step int, body func()) {
	start := a.loop(name, left)
	body()
	a.SUBQ(operand.U32(step), left)
	a.JGT(start)
}

// least returns a new register with the content of a register or a word, or n if that is less.
func (a *assembler) least(r operand.Op, n int) reg.GPVirtual {
	low := a.GP64()
	a.set(low, n)
	a.CMPQ(low, r)
	a.CMOVQGT(r, low)
	return low
}

// eachCase emits body in a loop of n rounds, each behind what choose emits for it.
func (a *assembler) eachCase(name string, n int, choose func(i int), body func()) {
	if n == 1 {
		choose(0)
		body()
		return
	}
	left := a.GP64()
	a.set(left, n)
	start := a.loop(name, left)
	chosen := start + "go"
	for i := range n - 1 {
		next := start + "not" + operand.LabelRef(strconv.Itoa(i))
		a.CMPQ(left, operand.U32(n-i))
		a.JNE(next)
		choose(i)
		a.JMP(chosen)
		a.Label(string(next))
	}
	choose(n - 1)
	a.Label(string(chosen))
	body()
	a.DECQ(left)
	a.JNZ(start)
}

// set loads a number.
func (a *assembler) set(r reg.GPVirtual, n int) { a.MOVQ(operand.I32(n), r) }

// done ends a function.
func (a *assembler) done() {
	a.VZEROUPPER()
	a.RET()
}
