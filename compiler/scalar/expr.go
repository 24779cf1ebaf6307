// Package scalar is a closed language for what happens to one element of a tensor.
//
// An expression reads the elements In(0), In(1), … of its arguments, the position of the element
// and counter-based random numbers, and yields one number. The language has no loops, no names
// and no side effects, so that every backend can print every expression: as Go, as assembly, as
// CUDA. Fusing two elementwise operations is Subst; their gradients are Diff.
//
// Comparisons yield 1 or 0 and select takes any non-zero condition as true.
package scalar

import (
	"math"
	"strconv"
)

// Op names a primitive of the language.
type Op uint8

// The primitives. Leaves first, then the functions of one, two and three arguments.
const (
	Const  Op = iota // the number Value
	In               // the element of argument Index
	Coord            // the element's coordinate along axis Index, as a number
	Rand             // a uniform random number in [0, 1), drawn at site Index for this element
	Neg              // -a
	Exp              // e to the power a
	Expm1            // e to the power a, less 1, exact also near 0
	Log              // natural logarithm of a
	Log1p            // natural logarithm of 1 + a, exact also near 0
	Sqrt             // square root of a
	Rsqrt            // 1 / square root of a
	Add              // a + b
	Sub              // a - b
	Mul              // a · b
	Div              // a / b
	Min              // the smaller of a and b
	Max              // the larger of a and b
	Less             // 1 where a < b, else 0
	LessEq           // 1 where a <= b, else 0
	Equal            // 1 where a = b, else 0
	Select           // b where a is not 0, else c
	numOps
)

var opInfo = [numOps]struct {
	name  string
	arity int
	cost  int // relative to an addition
}{
	Const: {"const", 0, 0}, In: {"in", 0, 0}, Coord: {"coord", 0, 1}, Rand: {"rand", 0, 40},
	Neg: {"neg", 1, 1}, Exp: {"exp", 1, 12}, Expm1: {"expm1", 1, 16}, Log: {"log", 1, 14},
	Log1p: {"log1p", 1, 24}, Sqrt: {"sqrt", 1, 6}, Rsqrt: {"rsqrt", 1, 8}, Add: {"add", 2, 1},
	Sub: {"sub", 2, 1}, Mul: {"mul", 2, 1}, Div: {"div", 2, 5}, Min: {"min", 2, 1},
	Max: {"max", 2, 1}, Less: {"less", 2, 1}, LessEq: {"lesseq", 2, 1}, Equal: {"equal", 2, 1},
	Select: {"select", 3, 1},
}

// Ops returns all primitives, leaves first.
func Ops() []Op {
	list := make([]Op, numOps)
	for i := range list {
		list[i] = Op(i)
	}
	return list
}

// String returns the name of the primitive, or its number if there is none.
func (o Op) String() string {
	if o >= numOps {
		return "number " + strconv.Itoa(int(o))
	}
	return opInfo[o].name
}

// Arity returns how many arguments the primitive takes.
func (o Op) Arity() int { return opInfo[o].arity }

// Expr is one node of an expression. Expressions are immutable and may share nodes.
type Expr struct {
	Op    Op
	Value float64 // of a Const
	Index int     // of In, Coord and Rand
	Args  [3]*Expr
}

// C returns the constant v.
func C(v float64) *Expr { return &Expr{Op: Const, Value: v} }

// X returns the element of argument i.
func X(i int) *Expr { return &Expr{Op: In, Index: i} }

// CoordOf returns the element's coordinate along an axis.
func CoordOf(axis int) *Expr { return &Expr{Op: Coord, Index: axis} }

// RandAt returns a uniform random number in [0, 1) of the given site. Two sites are independent;
// the same site yields the same number for the same element of the same training step.
func RandAt(site int) *Expr { return &Expr{Op: Rand, Index: site} }

// Apply returns the primitive o of its arguments, simplified: constants are folded, neutral
// elements vanish, 0·a is 0 also where a is not finite, and differences of 1 from exponentials
// and logarithms of sums with 1, which lose digits near 0, become expm1 and log1p.
func Apply(o Op, args ...*Expr) *Expr {
	e := &Expr{Op: o}
	if copy(e.Args[:], args) != o.Arity() || len(args) != o.Arity() {
		panic("scalar: " + o.String() + ": wrong number of arguments")
	}
	return simplify(e)
}

// Sum returns a + b.
func Sum(a, b *Expr) *Expr { return Apply(Add, a, b) }

// Difference returns a - b.
func Difference(a, b *Expr) *Expr { return Apply(Sub, a, b) }

// Product returns a · b.
func Product(a, b *Expr) *Expr { return Apply(Mul, a, b) }

// Quotient returns a / b.
func Quotient(a, b *Expr) *Expr { return Apply(Div, a, b) }

// If returns then where cond is not 0, else otherwise.
func If(cond, then, otherwise *Expr) *Expr { return Apply(Select, cond, then, otherwise) }

func isConst(e *Expr, v float64) bool { return e.Op == Const && e.Value == v }

func simplify(e *Expr) *Expr {
	a, b, c := e.Args[0], e.Args[1], e.Args[2]
	if folded, ok := fold(e); ok {
		return folded
	}
	if near, ok := exactNearZero(e); ok {
		return near
	}
	switch e.Op {
	case Neg:
		if a.Op == Neg {
			return a.Args[0]
		}
	case Add:
		switch {
		case isConst(a, 0):
			return b
		case isConst(b, 0):
			return a
		case b.Op == Neg:
			return Apply(Sub, a, b.Args[0])
		case a.Op == Neg:
			return Apply(Sub, b, a.Args[0])
		}
	case Sub:
		switch {
		case isConst(b, 0):
			return a
		case isConst(a, 0):
			return Apply(Neg, b)
		case b.Op == Neg:
			return Apply(Add, a, b.Args[0])
		}
	case Mul:
		switch {
		case isConst(a, 0) || isConst(b, 0):
			return C(0)
		case isConst(a, 1):
			return b
		case isConst(b, 1):
			return a
		case isConst(a, -1):
			return Apply(Neg, b)
		case isConst(b, -1):
			return Apply(Neg, a)
		}
	case Div:
		switch {
		case isConst(b, 1):
			return a
		case isConst(a, 0):
			return C(0)
		}
	case Select:
		switch {
		case a.Op == Const && a.Value != 0:
			return b
		case a.Op == Const:
			return c
		case Same(b, c):
			return b
		}
	}
	return e
}

// exactNearZero returns e with a function that keeps the digits that rounding 1 + a or e^a to the
// digits of 1 would lose.
func exactNearZero(e *Expr) (*Expr, bool) {
	a, b := e.Args[0], e.Args[1]
	switch {
	case e.Op == Log && a.Op == Add && isConst(a.Args[0], 1): // ln(1 + c)
		return Apply(Log1p, a.Args[1]), true
	case e.Op == Log && a.Op == Add && isConst(a.Args[1], 1): // ln(c + 1)
		return Apply(Log1p, a.Args[0]), true
	case e.Op == Log && a.Op == Sub && isConst(a.Args[0], 1): // ln(1 - c)
		return Apply(Log1p, Apply(Neg, a.Args[1])), true
	case e.Op == Sub && a.Op == Exp && isConst(b, 1): // e^c - 1
		return Apply(Expm1, a.Args[0]), true
	case e.Op == Sub && isConst(a, 1) && b.Op == Exp: // 1 - e^c
		return Apply(Neg, Apply(Expm1, b.Args[0])), true
	case e.Op == Add && a.Op == Exp && isConst(b, -1): // e^c + -1
		return Apply(Expm1, a.Args[0]), true
	case e.Op == Add && isConst(a, -1) && b.Op == Exp: // -1 + e^c
		return Apply(Expm1, b.Args[0]), true
	}
	return nil, false
}

// fold evaluates e where all of its arguments are constants.
func fold(e *Expr) (*Expr, bool) {
	n := e.Op.Arity()
	if n == 0 {
		return nil, false
	}
	var v [3]float64
	for i := range n {
		if e.Args[i].Op != Const {
			return nil, false
		}
		v[i] = e.Args[i].Value
	}
	return C(compute(e.Op, v)), true
}

// Same reports whether a and b are the same expression.
func Same(a, b *Expr) bool {
	if a == b {
		return true
	}
	if a.Op != b.Op || a.Index != b.Index ||
		math.Float64bits(a.Value) != math.Float64bits(b.Value) {
		return false
	}
	for i := range a.Op.Arity() {
		if !Same(a.Args[i], b.Args[i]) {
			return false
		}
	}
	return true
}

// Walk calls f for every distinct node of e, arguments before the nodes that use them.
func (e *Expr) Walk(f func(*Expr)) {
	seen := map[*Expr]bool{}
	var visit func(*Expr)
	visit = func(e *Expr) {
		if seen[e] {
			return
		}
		seen[e] = true
		for i := range e.Op.Arity() {
			visit(e.Args[i])
		}
		f(e)
	}
	visit(e)
}

// Uses reports whether e contains the primitive o.
func (e *Expr) Uses(o Op) bool {
	found := false
	e.Walk(func(e *Expr) { found = found || e.Op == o })
	return found
}

// Reads reports whether e reads argument i.
func (e *Expr) Reads(i int) bool {
	found := false
	e.Walk(func(e *Expr) { found = found || e.Op == In && e.Index == i })
	return found
}

// Cost estimates the work of evaluating e once, in additions.
func (e *Expr) Cost() int {
	cost := 0
	e.Walk(func(e *Expr) { cost += opInfo[e.Op].cost })
	return cost
}
