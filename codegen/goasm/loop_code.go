package goasm

import (
	"math"
	"strconv"

	"github.com/gradc/gradc/compiler/scalar"
)

// vop is an operation on vectors of floats, or on their bits.
type vop uint8

const (
	vLoad  vop = iota // an argument's elements
	vConst            // the same bits everywhere
	vAdd
	vSub
	vMul
	vDiv
	vSqrt
	vMax // a if a > b, else b
	vMin // a if a < b, else b
	vAnd
	vOr
	vXor
	vAddInt
	vSubInt
	vLeft  // shifts of integers
	vRight // which keeps the sign
	vFloat // of an integer
	vCompare
	vKeep  // b where the mask a is set, else 0
	vBlend // b where the mask a is set, else c
)

// commutes tells of which operations the arguments may change places.
var commutes = map[vop]bool{vAdd: true, vMul: true, vAnd: true, vOr: true, vXor: true,
	vAddInt: true}

// Predicates of vCompare, as the instructions number them. What is not a number is less than
// nothing, and not equal to anything.
const (
	equal      = 0x00
	less       = 0x11
	lessEq     = 0x12
	unordered  = 0x03
	notEqual   = 0x04
	notLess    = 0x15
	notLessEq  = 0x16
	noArgument = -1
)

// opposite are the predicates that hold where others do not.
var opposite = map[uint32]uint32{equal: notEqual, less: notLess, lessEq: notLessEq,
	notEqual: equal}

// vinstr is an instruction of a line of vector code. Its arguments are the numbers of earlier ones.
type vinstr struct {
	op   vop
	args [3]int // noArgument behind the last
	imm  uint32 // of vConst the bits, of vCompare the predicate, of shifts the distance, of vLoad
	// the number of the argument
}

// vline is vector code in the making: every distinct instruction once.
type vline struct {
	line   scalar.Line
	code   []vinstr
	known  map[vinstr]int
	values map[int]int // by instruction of the line
}

// lower translates a line of scalar code.
func lower(l loop) *vline {
	return &vline{line: l.Line, known: map[vinstr]int{}, values: map[int]int{}}
}

func (v *vline) add(op vop, imm uint32, args ...int) int {
	in := vinstr{op: op, imm: imm, args: [3]int{noArgument, noArgument, noArgument}}
	copy(in.args[:], args)
	k, ok := v.known[in]
	if !ok {
		k = len(v.code)
		v.code = append(v.code, in)
		v.known[in] = k
	}
	return k
}

func (v *vline) op(op vop, args ...int) int { return v.add(op, 0, args...) }

// bits returns a vector of equal bits.
func (v *vline) bits(word uint32) int { return v.add(vConst, word) }

// number returns a vector of equal numbers.
func (v *vline) number(x float32) int { return v.bits(math.Float32bits(x)) }

// constant returns the float32 that Go makes of a constant, which knows no negative zero.
func constant(x float64) float32 {
	if x == 0 {
		return 0
	}
	near, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', -1, 64), 32)
	if err != nil { // out of range, with an infinite value
		return float32(math.Copysign(math.Inf(1), x))
	}
	return float32(near)
}

// value returns the vector instruction that yields what instruction k of the line does.
func (v *vline) value(k int) int {
	if known, ok := v.values[k]; ok {
		return known
	}
	value := v.compute(v.line.Code[k], k)
	v.values[k] = value
	return value
}

// arithmetic are the operations that one instruction computes.
var arithmetic = map[scalar.Op]vop{scalar.Add: vAdd, scalar.Sub: vSub, scalar.Mul: vMul,
	scalar.Div: vDiv, scalar.Sqrt: vSqrt}

func (v *vline) compute(in scalar.Instr, k int) int {
	if op, ok := arithmetic[in.Op]; ok {
		args := make([]int, in.Op.Arity())
		for i := range args {
			args[i] = v.value(in.Args[i])
		}
		return v.op(op, args...)
	}
	switch a := in.Args; in.Op {
	case scalar.Const:
		return v.number(constant(in.Value))
	case scalar.In:
		return v.add(vLoad, uint32(in.Index))
	case scalar.Neg:
		return v.op(vXor, v.value(a[0]), v.bits(signBit))
	case scalar.Exp:
		return v.exp(v.value(a[0]))
	case scalar.Expm1:
		return v.expm1(v.value(a[0]))
	case scalar.Log:
		return v.log(v.value(a[0]))
	case scalar.Log1p:
		return v.log1p(v.value(a[0]))
	case scalar.Rsqrt:
		return v.op(vDiv, v.number(1), v.op(vSqrt, v.value(a[0])))
	case scalar.Max:
		return v.maximum(v.value(a[0]), v.value(a[1]))
	case scalar.Min:
		return v.minimum(v.value(a[0]), v.value(a[1]))
	case scalar.Select:
		return v.choose(a[0], v.value(a[1]), v.value(a[2]))
	}
	if _, ok := predicates[in.Op]; ok {
		return v.op(vKeep, v.mask(k, false), v.number(1))
	}
	panic("goasm: no instructions for the primitive " + in.Op.String())
}

const signBit = 1 << 31

// predicates are those of comparisons.
var predicates = map[scalar.Op]uint32{scalar.Less: less, scalar.LessEq: lessEq,
	scalar.Equal: equal}

// mask returns where instruction k of the line is not 0, or where it is.
func (v *vline) mask(k int, not bool) int {
	in := v.line.Code[k]
	predicate, ok := predicates[in.Op]
	a, b := 0, 0
	if ok {
		a, b = v.value(in.Args[0]), v.value(in.Args[1])
	} else {
		predicate, a, b = notEqual, v.value(k), v.number(0)
	}
	if not {
		predicate = opposite[predicate]
	}
	return v.add(vCompare, predicate, a, b)
}

// choose returns a where instruction k of the line is not 0, else b.
func (v *vline) choose(k, a, b int) int {
	zero := vinstr{op: vConst, args: [3]int{noArgument, noArgument, noArgument}}
	switch {
	case v.code[b] == zero:
		return v.op(vKeep, v.mask(k, false), a)
	case v.code[a] == zero:
		return v.op(vKeep, v.mask(k, true), b)
	}
	return v.op(vBlend, v.mask(k, false), a, b)
}

// maximum is Go's max: a NaN where a or b is one, and 0 is greater than -0. The instruction yields
// its second argument where one is a NaN or both are 0.
func (v *vline) maximum(a, b int) int {
	if v.code[a].op == vConst {
		a, b = b, a
	}
	if c := v.code[b]; c.op == vConst && !math.IsNaN(float64(math.Float32frombits(c.imm))) {
		larger := v.op(vMax, b, a)
		if c.imm != 0 {
			return larger
		}
		return v.op(vAdd, larger, b) // -0 becomes 0
	}
	larger := v.op(vAnd, v.op(vMax, a, b), v.op(vMax, b, a)) // differ in the sign of 0 and in NaNs
	nan := v.number(float32(math.NaN()))
	return v.op(vBlend, v.add(vCompare, unordered, a, b), nan, larger)
}

// minimum is Go's min: a NaN where a or b is one, and -0 is less than 0.
func (v *vline) minimum(a, b int) int {
	if v.code[a].op == vConst {
		a, b = b, a
	}
	if c := v.code[b]; c.op == vConst && !math.IsNaN(float64(math.Float32frombits(c.imm))) {
		return v.op(vMin, b, a)
	}
	return v.op(vOr, v.op(vMin, a, b), v.op(vMin, b, a)) // NaNs survive, and the sign of -0
}
