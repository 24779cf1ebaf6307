package scalar

// Diff returns the derivative of e with respect to argument i, ∂e/∂xᵢ.
//
// Comparisons, coordinates and random numbers count as constants. Where max or min have a kink
// (a = b) the derivative is that of the second argument, so max(x, 0) has derivative 0 at 0.
func Diff(e *Expr, i int) *Expr {
	d := differ{index: i, done: map[*Expr]*Expr{}}
	return d.diff(e)
}

type differ struct {
	index int
	done  map[*Expr]*Expr
}

func (d *differ) diff(e *Expr) *Expr {
	if r, ok := d.done[e]; ok {
		return r
	}
	r := d.rule(e)
	d.done[e] = r
	return r
}

func (d *differ) rule(e *Expr) *Expr {
	a, b := e.Args[0], e.Args[1]
	switch e.Op {
	case In:
		if e.Index == d.index {
			return C(1)
		}
		return C(0)
	case Const, Coord, Rand, Less, LessEq, Equal:
		return C(0)
	case Neg:
		return Apply(Neg, d.diff(a))
	case Exp: // (eᵃ)' = eᵃ·a'
		return Product(e, d.diff(a))
	case Expm1: // (eᵃ - 1)' = eᵃ·a'
		return Product(Apply(Exp, a), d.diff(a))
	case Log: // (ln a)' = a'/a
		return Quotient(d.diff(a), a)
	case Log1p: // (ln(1+a))' = a'/(1+a)
		return Quotient(d.diff(a), Sum(C(1), a))
	case Sqrt: // (√a)' = a'/(2√a)
		return Quotient(d.diff(a), Product(C(2), e))
	case Rsqrt: // (a^-½)' = -½·a'·(a^-½)³
		return Product(Product(C(-0.5), d.diff(a)), Product(e, Product(e, e)))
	case Add:
		return Sum(d.diff(a), d.diff(b))
	case Sub:
		return Difference(d.diff(a), d.diff(b))
	case Mul: // (ab)' = a'b + ab'
		return Sum(Product(d.diff(a), b), Product(a, d.diff(b)))
	case Div: // (a/b)' = (a' - (a/b)·b')/b
		return Quotient(Difference(d.diff(a), Product(e, d.diff(b))), b)
	case Min:
		return If(Apply(Less, a, b), d.diff(a), d.diff(b))
	case Max:
		return If(Apply(Less, b, a), d.diff(a), d.diff(b))
	case Select:
		return If(a, d.diff(b), d.diff(e.Args[2]))
	}
	panic("scalar: no derivative of " + e.Op.String())
}

// Subst returns e with every In(i) replaced by args[i], simplified.
func Subst(e *Expr, args []*Expr) *Expr {
	return Rewrite(e, func(leaf *Expr) *Expr {
		if leaf.Op == In {
			return args[leaf.Index]
		}
		return leaf
	})
}

// Rewrite returns e with every leaf replaced by what leaf returns for it, simplified. Nodes that
// e shares stay shared.
func Rewrite(e *Expr, leaf func(*Expr) *Expr) *Expr {
	done := map[*Expr]*Expr{}
	var visit func(*Expr) *Expr
	visit = func(e *Expr) *Expr {
		if r, ok := done[e]; ok {
			return r
		}
		r := e
		if n := e.Op.Arity(); n == 0 {
			r = leaf(e)
		} else {
			args := make([]*Expr, n)
			same := true
			for i := range n {
				args[i] = visit(e.Args[i])
				same = same && args[i] == e.Args[i]
			}
			if !same {
				r = Apply(e.Op, args...)
			}
		}
		done[e] = r
		return r
	}
	return visit(e)
}
