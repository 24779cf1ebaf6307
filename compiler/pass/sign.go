package pass

import (
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// Sign lets gradients that only ask where a value x is positive ask the result y instead that an
// operation has made of x with the same sign, where y is stored anyway and a kernel's result need
// not be kept for x any more. So the pre-activation of a convolution without batch norm is never
// stored.
func Sign(g *ir.Graph) error {
	s := signs{users: g.Users(), roots: map[*ir.Value]bool{}}
	for _, v := range g.Roots() {
		s.roots[v] = true
	}
	for _, y := range g.Values {
		if y.Op.Sign == nil || !y.Op.Sign(y.Attrs) || !s.storedAnyway(y) {
			continue
		}
		x := y.Args[0]
		s.x, s.y = x, y
		askers := ofBackward(s.users[x])
		others := func(v *ir.Value) bool { return !asksSign(v, x) }
		if slices.ContainsFunc(askers, others) || !slices.ContainsFunc(s.origins(x), s.spared) {
			continue
		}
		for _, v := range askers {
			for i, a := range v.Args {
				if a == x {
					v.Args[i] = y
				}
			}
		}
	}
	return nil
}

// storedAnyway reports whether something but a loop reads v, or it leaves the graph.
func (s *signs) storedAnyway(v *ir.Value) bool {
	return s.roots[v] ||
		slices.ContainsFunc(s.users[v], func(u *ir.Value) bool { return !loops(u) })
}

// asksSign reports whether v reads x only to learn whether it is positive.
func asksSign(v, x *ir.Value) bool {
	if !loops(v) {
		return false
	}
	reads := func(e *scalar.Expr) bool { return e.Op == scalar.In && v.Args[e.Index] == x }
	only := !reads(v.Body())
	v.Body().Walk(func(e *scalar.Expr) {
		positive := e.Op == scalar.Less && e.Args[0].Op == scalar.Const && e.Args[0].Value == 0
		for i := range e.Op.Arity() {
			only = only && (!reads(e.Args[i]) || positive && i == 1)
		}
	})
	return only
}

// signs is a value x and the result y that has its sign.
type signs struct {
	users map[*ir.Value][]*ir.Value
	roots map[*ir.Value]bool
	x, y  *ir.Value
}

// origins returns the results of kernels that v is computed from, element by element.
func (s *signs) origins(v *ir.Value) []*ir.Value {
	switch {
	case v.Op.Kind == ir.Kernel && slices.Equal(v.Type.Shape, s.x.Type.Shape):
		return []*ir.Value{v}
	case v.Op.Kind != ir.Map:
		return nil
	}
	var list []*ir.Value
	for _, a := range v.Args {
		list = append(list, s.origins(a)...)
	}
	return list
}

// spared reports whether the backward pass reads v for nothing but the sign of x.
func (s *signs) spared(v *ir.Value) bool {
	if s.roots[v] {
		return false
	}
	for _, u := range s.users[v] {
		switch {
		case u == s.y || v == s.x && u.Pass == ir.Backward:
		case u.Pass == ir.Backward:
			return false
		case u.Op.Kind == ir.Map || u.Op.Kind == ir.View:
			if !s.storedAnyway(u) && !s.spared(u) {
				return false
			}
		}
	}
	return true
}
