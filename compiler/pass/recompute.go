package pass

import (
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/target"
)

// Recompute has large maps computed again for the kernels of the backward pass that read them, where all that they are computed from is there anyway. So the activation in front
// of a pooling layer takes memory for a few steps, not for most of the training step. Networks whose
// backward pass keeps fewer floats than some limit stay as they are: this takes time.
func Recompute(g *ir.Graph, t *target.Target) error {
	users := g.Users()
	kept := 0
	for _, v := range g.Values {
		if v.Op.Kind != ir.Source && v.Pass == ir.Forward && len(ofBackward(users[v])) > 0 {
			kept += v.Type.Shape.Elements()
		}
	}
	if kept < t.Costs.MuchKept {
		return nil
	}
	for _, v := range slices.Clone(g.Values) {
		if v.Type.Shape.Elements()*t.Costs.RecomputePart >= kept {
			recompute(g, users, v)
		}
	}
	return nil
}

// recompute has v computed again where it is read in the backward pass, if it can be.
func recompute(g *ir.Graph, users map[*ir.Value][]*ir.Value, v *ir.Value) {
	readers := ofBackward(users[v])
	other := func(u *ir.Value) bool { return u.Op.Kind != ir.Kernel }
	viewed := func(u *ir.Value) bool { return u.Op.Kind == ir.View }
	if v.Op.Kind != ir.Map || v.Pass != ir.Forward || positional(v) ||
		slices.Contains(g.Roots(), v) || slices.ContainsFunc(users[v], viewed) ||
		len(readers) == 0 || slices.ContainsFunc(readers, other) || !atHand(g, users, v, readers) {
		return
	}
	again := &ir.Value{Name: v.Name + ".again", Op: v.Op, Args: slices.Clone(v.Args),
		Attrs: v.Attrs, Type: v.Type, Origin: v.Origin}
	again.Pass = ir.Backward
	for _, r := range readers {
		for i, a := range r.Args {
			if a == v {
				r.Args[i] = again
			}
		}
	}
	g.Values = slices.Insert(g.Values, slices.Index(g.Values, readers[0]), again)
}

// ofBackward returns those of some values that belong to the backward pass.
func ofBackward(values []*ir.Value) []*ir.Value {
	return slices.DeleteFunc(slices.Clone(values), func(v *ir.Value) bool {
		return v.Pass != ir.Backward
	})
}

// atHand reports whether v's arguments of its size are alive when the readers run: they are sources,
// or read again by what depends on all readers.
func atHand(g *ir.Graph, users map[*ir.Value][]*ir.Value, v *ir.Value, readers []*ir.Value) bool {
	behind := dependents(g, readers)
	for _, a := range v.Args {
		a = storage(a)
		if a.Op.Kind == ir.Source || a.Type.Shape.Elements() < v.Type.Shape.Elements() {
			continue
		}
		if !slices.ContainsFunc(users[a], func(u *ir.Value) bool { return behind[u] }) {
			return false
		}
	}
	return true
}

// dependents returns the values that depend on all of some values.
func dependents(g *ir.Graph, on []*ir.Value) map[*ir.Value]bool {
	all := map[*ir.Value]bool{}
	for i, o := range on {
		found := map[*ir.Value]bool{}
		for _, v := range g.Values {
			depends := slices.ContainsFunc(v.Args, func(a *ir.Value) bool { return a == o || found[a] })
			if depends && (i == 0 || all[v]) {
				found[v] = true
			}
		}
		all = found
	}
	return all
}
