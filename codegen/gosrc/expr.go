package gosrc

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gradc/gradc/compiler/scalar"
)

// printer prints the instructions of a line of scalar code as Go.
type printer struct {
	line scalar.Line
	// leaf prints In, Coord and Rand.
	leaf func(in scalar.Instr) string
	// known holds the variable that an instruction's value is in, where there is one.
	known map[int]string
	// bools does so for comparisons.
	bools map[int]string
}

// Precedences of Go's operators, loosest first.
const (
	precLowest = iota
	precCompare
	precSum
	precProduct
	precUnary
)

var operators = map[scalar.Op]struct {
	text string
	prec int
}{
	scalar.Less: {" < ", precCompare}, scalar.LessEq: {" <= ", precCompare},
	scalar.Equal: {" == ", precCompare},
	scalar.Add:   {" + ", precSum}, scalar.Sub: {" - ", precSum},
	scalar.Mul: {"*", precProduct}, scalar.Div: {"/", precProduct},
}

var functions = map[scalar.Op]string{
	scalar.Exp: "f32.Exp", scalar.Expm1: "f32.Expm1", scalar.Log: "f32.Log",
	scalar.Log1p: "f32.Log1p", scalar.Sqrt: "f32.Sqrt", scalar.Rsqrt: "f32.Rsqrt",
	scalar.Min: "min", scalar.Max: "max",
}

// value prints instruction k as a float32, in parentheses where it binds looser than outer.
func (p *printer) value(k, outer int) string {
	if name, ok := p.known[k]; ok {
		return name
	}
	in := p.line.Code[k]
	switch in.Op {
	case scalar.Const:
		return constant(in.Value, outer)
	case scalar.In, scalar.Coord, scalar.Rand:
		return p.leaf(in)
	case scalar.Neg:
		return parenthesize("-"+p.value(in.Args[0], precUnary+1), precUnary, outer)
	case scalar.Select:
		return fmt.Sprintf("f32.Select(%s, %s, %s)", p.condition(in.Args[0]),
			p.value(in.Args[1], precLowest), p.value(in.Args[2], precLowest))
	}
	if f, ok := functions[in.Op]; ok {
		args := make([]string, in.Op.Arity())
		for i := range args {
			args[i] = p.value(in.Args[i], precLowest)
		}
		if p.allConst(in) {
			args[0] = "float32(" + args[0] + ")"
		}
		return f + "(" + strings.Join(args, ", ") + ")"
	}
	if operators[in.Op].prec == precCompare {
		return fmt.Sprintf("f32.Select(%s, 1, 0)", p.condition(k))
	}
	return p.infix(in, outer)
}

// unprintable reports a primitive of the line that there is no Go for.
func unprintable(line scalar.Line) error {
	for _, in := range line.Code {
		switch in.Op {
		case scalar.Const, scalar.In, scalar.Coord, scalar.Rand, scalar.Neg, scalar.Select:
			continue
		}
		if functions[in.Op] == "" && operators[in.Op].text == "" {
			return fmt.Errorf("there is no Go for the primitive %s", in.Op)
		}
	}
	return nil
}

func (p *printer) infix(in scalar.Instr, outer int) string {
	op := operators[in.Op]
	left, right := p.value(in.Args[0], op.prec), p.value(in.Args[1], op.prec+1)
	if p.allConst(in) { // arithmetic of float32, not of Go's exact constants
		left = "float32(" + left + ")"
	}
	return parenthesize(left+op.text+right, op.prec, outer)
}

// condition prints instruction k as a bool.
func (p *printer) condition(k int) string {
	if name, ok := p.bools[k]; ok {
		return name
	}
	in := p.line.Code[k]
	op, ok := operators[in.Op]
	if _, named := p.known[k]; named || !ok || op.prec != precCompare {
		return p.value(k, precCompare+1) + " != 0"
	}
	return p.infix(in, precLowest)
}

func (p *printer) allConst(in scalar.Instr) bool {
	for i := range in.Op.Arity() {
		if p.line.Code[in.Args[i]].Op != scalar.Const {
			return false
		}
	}
	return true
}

func parenthesize(text string, prec, outer int) string {
	if prec < outer {
		return "(" + text + ")"
	}
	return text
}

// constant prints a float32. What is too large for one is infinite.
func constant(v float64, outer int) string {
	switch {
	case math.IsNaN(v):
		return "float32(math.NaN())"
	case math.Abs(v) > math.MaxFloat32:
		return fmt.Sprintf("float32(math.Inf(%d))", int(math.Copysign(1, v)))
	}
	text := strconv.FormatFloat(v, 'g', -1, 64)
	if v < 0 {
		return parenthesize(text, precUnary, outer)
	}
	return text
}

// meaning names a variable after what an instruction computes.
func meaning(op scalar.Op) string {
	switch op {
	case scalar.Neg:
		return "negative"
	case scalar.Exp:
		return "power"
	case scalar.Expm1:
		return "growth"
	case scalar.Log, scalar.Log1p:
		return "logarithm"
	case scalar.Sqrt:
		return "root"
	case scalar.Rsqrt:
		return "inverse"
	case scalar.Add:
		return "total"
	case scalar.Sub:
		return "difference"
	case scalar.Mul:
		return "product"
	case scalar.Div:
		return "quotient"
	case scalar.Min:
		return "smaller"
	case scalar.Max:
		return "larger"
	case scalar.Select:
		return "choice"
	case scalar.Rand:
		return "draw"
	}
	return "v"
}
