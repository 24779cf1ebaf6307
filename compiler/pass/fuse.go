package pass

import (
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
	"github.com/gradc/gradc/compiler/target"
)

// Fuse puts maps into the expressions of the maps and reductions that read them, where that
// spares more traffic with memory than it repeats work. A map that only maps and reductions read
// goes into all of them, and vanishes. So batch norm and activation become one pass, and the
// backward pass computes the pre-activation from the convolution's result again instead of
// loading it.
//
// A map that a kernel or a view reads, or that leaves the graph, is stored anyway, and read.
// Whether a reader is computed in the loop that stores it is a matter of the schedule.
func Fuse(g *ir.Graph, t *target.Target) error {
	f := fuser{g, t.Costs, map[*ir.Value][]*ir.Value{}, map[*ir.Value]bool{}}
	for _, v := range g.Values {
		f.addReader(v)
	}
	for _, v := range g.Roots() {
		f.roots[v] = true
	}
	for changed := true; changed; {
		changed = false
		for _, m := range g.Values {
			if m.Op.Kind == ir.Map && f.inline(m) {
				changed = true
			}
		}
	}
	sweep(g)
	return nil
}

// fuser knows who reads what in a graph.
type fuser struct {
	graph *ir.Graph
	costs target.Costs
	users map[*ir.Value][]*ir.Value // each once
	roots map[*ir.Value]bool
}

// addReader adds v to the users of its arguments.
func (f *fuser) addReader(v *ir.Value) {
	for _, a := range v.Args {
		if !slices.Contains(f.users[a], v) {
			f.users[a] = append(f.users[a], v)
		}
	}
}

// removeReader removes v from the users of its arguments.
func (f *fuser) removeReader(v *ir.Value) {
	for _, a := range v.Args {
		f.users[a] = slices.DeleteFunc(f.users[a], func(u *ir.Value) bool { return u == v })
	}
}

// inline puts m into all of its readers if that is a gain, and reports whether it did.
func (f *fuser) inline(m *ir.Value) bool {
	readers, others := f.readersOf(m)
	if others || len(readers) == 0 {
		return false
	}
	fused := make([]loop, len(readers))
	for i, r := range readers {
		fused[i] = absorb(r, m)
	}
	if !f.worthwhile(m, readers, fused) {
		return false
	}
	for i, r := range readers {
		f.removeReader(r)
		setBody(f.graph, r, fused[i].body, fused[i].args)
		f.addReader(r)
	}
	return true
}

// readersOf returns the maps and reductions that read m, and whether anything else needs it.
func (f *fuser) readersOf(m *ir.Value) (readers []*ir.Value, others bool) {
	others = f.roots[m]
	for _, v := range f.users[m] {
		if loops(v) {
			readers = append(readers, v)
		} else {
			others = true
		}
	}
	return readers, others
}

// loop is what a fused reader would compute.
type loop struct {
	body *scalar.Expr
	args []*ir.Value
}

// absorb returns what reader computes, with m's expression in place of m.
func absorb(reader, m *ir.Value) loop {
	var args []*ir.Value
	inputs := make([]*scalar.Expr, len(reader.Args))
	for i, a := range reader.Args {
		if a != m {
			inputs[i] = scalar.X(len(args))
			args = append(args, a)
			continue
		}
		own := make([]*scalar.Expr, len(m.Args))
		for k := range m.Args {
			own[k] = scalar.X(len(args) + k)
		}
		inputs[i] = scalar.Subst(m.Body(), own)
		args = append(args, m.Args...)
	}
	var l loop
	l.body, l.args = ir.Prune(scalar.Subst(reader.Body(), inputs), args)
	return l
}

// worthwhile reports whether m is better computed in each of its readers than stored: the floats
// that are not moved must outweigh the arithmetic that is repeated.
func (f *fuser) worthwhile(m *ir.Value, readers []*ir.Value, fused []loop) bool {
	moved := f.costs.FloatsPerStep + floats(m.Args) + m.Type.Shape.Elements()
	repeated := -m.Type.Shape.Elements()
	for i, r := range readers {
		if !fused[i].readable(f.costs.MostNodes) || positional(m) && !slices.Equal(domain(r), m.Type.Shape) {
			return false
		}
		moved += floats(r.Args) - floats(fused[i].args)
		repeated += domain(r).Elements()
	}
	return moved >= 0 && m.Body().Cost()*repeated <= f.costs.AddsPerFloat*moved
}

// positional reports whether m's elements depend on where they are: such a map may only be
// computed over its own shape.
func positional(m *ir.Value) bool {
	body := m.Body()
	return body.Uses(scalar.Coord) || body.Uses(scalar.Rand)
}

// floats counts the elements of values.
func floats(values []*ir.Value) int {
	n := 0
	for _, v := range values {
		n += v.Type.Shape.Elements()
	}
	return n
}

// readable reports whether the expression of l has some nodes at most when it is written out.
func (l loop) readable(most int) bool {
	size := map[*scalar.Expr]int{} // of the text, where shared nodes stand once per use
	l.body.Walk(func(e *scalar.Expr) {
		n := 1
		for i := range e.Op.Arity() {
			n = min(n+size[e.Args[i]], most+1)
		}
		size[e] = n
	})
	return size[l.body] <= most
}
