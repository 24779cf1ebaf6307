package scalar

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"strconv"
	"strings"
)

// The text form is the syntax of Go expressions: x0, x1, … are arguments, i0, i1, … coordinates,
// rand(k) random numbers, and the functions exp, expm1, log, log1p, sqrt, rsqrt, min, max and
// select have their usual meaning. For example LeakyReLU reads
//
//	select(0 < x0, x0, 0.01*x0)

var infix = map[Op]struct {
	text string
	prec int
}{
	Less: {" < ", 3}, LessEq: {" <= ", 3}, Equal: {" == ", 3},
	Add: {" + ", 4}, Sub: {" - ", 4}, Mul: {"*", 5}, Div: {"/", 5},
}

var infixToken = map[token.Token]Op{
	token.LSS: Less, token.LEQ: LessEq, token.EQL: Equal,
	token.ADD: Add, token.SUB: Sub, token.MUL: Mul, token.QUO: Div,
}

// String returns the text form of e; Parse reads it back.
func (e *Expr) String() string {
	return e.Format(func(i int) string { return "x" + strconv.Itoa(i) })
}

// Format returns the text form of e with the name of argument i taken from name.
func (e *Expr) Format(name func(i int) string) string {
	var b strings.Builder
	e.format(&b, name, 0)
	return b.String()
}

func (e *Expr) format(b *strings.Builder, name func(int) string, outer int) {
	if op, ok := infix[e.Op]; ok {
		if op.prec < outer {
			b.WriteByte('(')
			defer b.WriteByte(')')
		}
		e.Args[0].format(b, name, op.prec)
		b.WriteString(op.text)
		e.Args[1].format(b, name, op.prec+1)
		return
	}
	switch e.Op {
	case Const:
		text := FormatNumber(e.Value)
		if outer > 5 && strings.HasPrefix(text, "-") {
			text = "(" + text + ")"
		}
		b.WriteString(text)
	case In:
		b.WriteString(name(e.Index))
	case Coord:
		fmt.Fprintf(b, "i%d", e.Index)
	case Rand:
		fmt.Fprintf(b, "rand(%d)", e.Index)
	case Neg:
		if outer > 4 {
			b.WriteByte('(')
			defer b.WriteByte(')')
		}
		b.WriteByte('-')
		if e.Args[0].Op == Const { // -(2) is a negation, -2 a number
			fmt.Fprintf(b, "(%s)", FormatNumber(e.Args[0].Value))
			return
		}
		e.Args[0].format(b, name, 6)
	default:
		b.WriteString(e.Op.String())
		b.WriteByte('(')
		for i := range e.Op.Arity() {
			if i > 0 {
				b.WriteString(", ")
			}
			e.Args[i].format(b, name, 0)
		}
		b.WriteByte(')')
	}
}

// FormatNumber returns the shortest decimal form that reads back as v; infinities are Inf, -Inf.
func FormatNumber(v float64) string {
	switch {
	case math.IsInf(v, 1):
		return "Inf"
	case math.IsInf(v, -1):
		return "-Inf"
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// Parse reads the text form of an expression. It builds exactly what is written, without
// simplification, so that formatting and parsing are inverse to each other.
func Parse(text string) (*Expr, error) {
	// select is a keyword of Go
	tree, err := parser.ParseExpr(strings.ReplaceAll(text, "select(", "select_("))
	if err != nil {
		return nil, fmt.Errorf("expression %q: %w", text, err)
	}
	e, err := fromAST(tree)
	if err != nil {
		return nil, fmt.Errorf("expression %q: %w", text, err)
	}
	return e, nil
}

func fromAST(n ast.Expr) (*Expr, error) {
	switch n := n.(type) {
	case *ast.ParenExpr:
		return fromAST(n.X)
	case *ast.BasicLit:
		v, err := strconv.ParseFloat(n.Value, 64)
		if err != nil {
			return nil, fmt.Errorf("%s is not a number", n.Value)
		}
		return C(v), nil
	case *ast.Ident:
		return fromIdent(n.Name)
	case *ast.UnaryExpr:
		return fromUnary(n)
	case *ast.BinaryExpr:
		op, ok := infixToken[n.Op]
		if !ok {
			return nil, fmt.Errorf("operator %s is not of the language", n.Op)
		}
		return node(op, n.X, n.Y)
	case *ast.CallExpr:
		return fromCall(n)
	}
	return nil, fmt.Errorf("%T is not of the language", n)
}

func fromIdent(name string) (*Expr, error) {
	if name == "Inf" {
		return C(math.Inf(1)), nil
	}
	if index, err := strconv.Atoi(name[1:]); err == nil && index >= 0 {
		switch name[0] {
		case 'x':
			return X(index), nil
		case 'i':
			return CoordOf(index), nil
		}
	}
	return nil, fmt.Errorf("unknown name %s", name)
}

func fromUnary(n *ast.UnaryExpr) (*Expr, error) {
	if n.Op != token.SUB {
		return nil, fmt.Errorf("operator %s is not of the language", n.Op)
	}
	a, err := fromAST(n.X)
	if err != nil {
		return nil, err
	}
	if _, paren := n.X.(*ast.ParenExpr); a.Op == Const && !paren {
		return C(-a.Value), nil
	}
	return &Expr{Op: Neg, Args: [3]*Expr{a}}, nil
}

func fromCall(n *ast.CallExpr) (*Expr, error) {
	fun, ok := n.Fun.(*ast.Ident)
	if !ok {
		return nil, fmt.Errorf("%T is not a function of the language", n.Fun)
	}
	name := strings.TrimSuffix(fun.Name, "_")
	if name == "rand" && len(n.Args) == 1 {
		return fromSite(n.Args[0])
	}
	for op := Neg; op < numOps; op++ {
		if op.String() == name && op.Arity() == len(n.Args) {
			return node(op, n.Args...)
		}
	}
	return nil, fmt.Errorf("no function %s of %d arguments", name, len(n.Args))
}

func fromSite(n ast.Expr) (*Expr, error) {
	lit, ok := n.(*ast.BasicLit)
	if !ok {
		return nil, fmt.Errorf("rand takes the number of its site")
	}
	site, err := strconv.Atoi(lit.Value)
	if err != nil {
		return nil, fmt.Errorf("rand takes the number of its site, not %s", lit.Value)
	}
	return RandAt(site), nil
}

func node(op Op, args ...ast.Expr) (*Expr, error) {
	e := &Expr{Op: op}
	for i, arg := range args {
		a, err := fromAST(arg)
		if err != nil {
			return nil, err
		}
		e.Args[i] = a
	}
	return e, nil
}

// MustParse is Parse for the constant expressions of operations; it panics on an error.
func MustParse(text string) *Expr {
	e, err := Parse(text)
	if err != nil {
		panic(err)
	}
	return e
}
