package pass

import (
	"slices"
	"strings"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
	"github.com/gradc/gradc/compiler/target"
)

// Layout decides how every value lies in memory, and inserts conversions where a kernel, a view or
// the outside needs another layout than a value has: another order, a wider border or elements
// stored in another type. A conversion is a map that changes nothing but the layout.
//
// Kernels say how they want their arguments and how their result lies. Maps and reductions read
// any layout, so a map takes the one that its users ask for; if they disagree, that of its
// arguments. The border of a value is the widest that a user asks for. Views, gradients, states
// and outputs are row-major, without a border; but for views, which share the memory of their
// argument, their elements are stored in their own type.
func Layout(g *ir.Graph, t *target.Target) error {
	settle(g)
	l := layouter{graph: g, target: t, users: g.Users(), roots: map[*ir.Value]bool{},
		asked: map[*ir.Value]*asked{}, converted: map[conversion]*ir.Value{}}
	for _, v := range g.Roots() {
		l.roots[v] = true
	}
	if err := l.known(); err != nil {
		return err
	}
	l.collect()
	for _, v := range g.Values {
		v.Type.Layout = l.layoutOf(v)
	}
	l.convert()
	return nil
}

// settle gives every gradient and update a value of its own, which can be computed right at its
// place: a copy where one value serves two of them, where it is there before, or where other loops
// read a state's new value: at its place they would expect the old one. Of two updates of one
// state, the second counts.
func settle(g *ir.Graph) {
	updates := g.Updates
	g.Updates = nil
	for i, a := range updates {
		again := func(b ir.Assign) bool { return b.Target == a.Target }
		if !slices.ContainsFunc(updates[i+1:], again) {
			g.Updates = append(g.Updates, a)
		}
	}
	sweep(g)
	b := ir.NewBuilder(g)
	taken := map[*ir.Value]bool{}
	for k, list := range [][]ir.Assign{g.Gradients, g.Updates} {
		update := k == 1
		for i, a := range list {
			base := storage(a.Value)
			if base.Op.Kind == ir.Source || taken[base] || update && readElsewhere(g, base) {
				b.Origin = a.Value.Origin
				base = identity(b, a.Target.Name+".copy", a.Value)
				list[i].Value = base
			}
			taken[base] = true
		}
	}
}

// readElsewhere reports whether a value is read by what may not share its loop.
func readElsewhere(g *ir.Graph, v *ir.Value) bool {
	for _, user := range g.Values {
		together := v.Op.Kind == ir.Map && user.Op.Kind == ir.Map &&
			slices.Equal(v.Type.Shape, user.Type.Shape)
		for _, a := range user.Args {
			if user.Op.Kind != ir.View && storage(a) == v && !(together && a == v) {
				return true
			}
		}
	}
	return false
}

// storage returns the value whose memory v is a view of, v itself if it is none.
func storage(v *ir.Value) *ir.Value {
	for v.Op.Kind == ir.View {
		v = v.Args[0]
	}
	return v
}

// identity appends a copy of v.
func identity(b *ir.Builder, name string, v *ir.Value) *ir.Value {
	return b.Map(name, v.Type.Shape, scalar.X(0), v)
}

// asked is what the users of a value ask for.
type asked struct {
	layouts []ir.Layout          // borderless, each once, the first user's first
	halo    map[ir.Layout][2]int // the widest border for each of them
	dense   bool                 // row-major without border, for a view or the outside
	wish    ir.Layout            // of the maps behind it, followed where nothing else decides
	wished  bool
}

func (a *asked) layout(l ir.Layout) {
	halo := l.Halo
	l = l.Borderless()
	if !slices.Contains(a.layouts, l) {
		a.layouts = append(a.layouts, l)
	}
	a.halo[l] = [2]int{max(a.halo[l][0], halo[0]), max(a.halo[l][1], halo[1])}
}

type layouter struct {
	graph     *ir.Graph
	target    *target.Target
	users     map[*ir.Value][]*ir.Value
	roots     map[*ir.Value]bool
	asked     map[*ir.Value]*asked
	converted map[conversion]*ir.Value
}

// conversion is a value in another layout.
type conversion struct {
	value  *ir.Value
	layout ir.Layout
}

// known reports a kernel that the target wants in an order that it does not know.
func (l *layouter) known() error {
	for _, v := range l.graph.Values {
		if v.Op.Kind != ir.Kernel {
			continue
		}
		in, out := l.target.Layouts(v.Op, target.UseOf(v))
		for _, layout := range append(slices.Clone(in), out) {
			if o := layout.Order; o != ir.RowMajor && !slices.Contains(l.target.Orders, o) {
				return v.Errorf("internal error: target %s does not know the order %s that it wants",
					l.target.Name, o)
			}
		}
	}
	return nil
}

// collect finds out what is asked of each value.
func (l *layouter) collect() {
	for _, v := range l.graph.Values {
		l.asked[v] = &asked{halo: map[ir.Layout][2]int{}}
		for i, layout := range l.wants(v) {
			l.asked[v.Args[i]].layout(layout)
			if v.Op.Kind == ir.View {
				l.asked[v.Args[i]].dense = true
			}
		}
	}
	for _, root := range l.graph.Roots() {
		l.asked[root].layout(ir.Layout{})
		l.asked[root].dense = true
	}
	for _, v := range slices.Backward(l.graph.Values) {
		a := l.asked[v]
		if len(a.layouts) > 0 {
			a.wish, a.wished = a.layouts[0], len(a.layouts) == 1
			continue
		}
		for i, user := range l.users[v] {
			w := l.asked[user]
			same := user.Op.Kind == ir.Map && slices.Equal(user.Type.Shape, v.Type.Shape)
			if !same || !w.wished || i > 0 && a.wish != w.wish {
				a.wished = false
				break
			}
			a.wish, a.wished = w.wish, true
		}
	}
}

// wants returns the layouts that v needs its arguments in, none for maps and reductions, which
// read all.
func (l *layouter) wants(v *ir.Value) []ir.Layout {
	switch {
	case v.Op.Kind == ir.View:
		return []ir.Layout{{Storage: l.viewed(v)}}
	case v.Op.Kind == ir.Kernel:
		in, _ := l.target.Layouts(v.Op, target.UseOf(v))
		return in
	}
	return nil
}

// viewed returns the type in which the elements of a view are stored: that which all kernels want
// that read it, its own if they disagree or if it leaves the graph.
func (l *layouter) viewed(v *ir.Value) ir.DType {
	var wanted []ir.DType
	if l.roots[v] {
		wanted = append(wanted, ir.F32)
	}
	for _, user := range l.users[v] {
		for i, a := range user.Args {
			switch {
			case a != v:
			case user.Op.Kind == ir.View:
				wanted = append(wanted, l.viewed(user))
			case user.Op.Kind == ir.Kernel:
				wanted = append(wanted, l.wants(user)[i].Storage)
			}
		}
	}
	slices.Sort(wanted)
	if wanted = slices.Compact(wanted); len(wanted) == 1 {
		return wanted[0]
	}
	return ir.F32
}

// layoutOf decides how v lies, given that its arguments are decided.
func (l *layouter) layoutOf(v *ir.Value) ir.Layout {
	var layout ir.Layout
	a := l.asked[v]
	switch {
	case v.Type.DType != ir.F32:
		return layout
	case v.Op.Kind == ir.View:
		layout = l.wants(v)[0]
		if len(a.layouts) == 1 && ordered(v.Type, a.layouts[0].Order) {
			layout.Order = a.layouts[0].Order
		}
		return layout
	case v.Op.Kind == ir.Kernel:
		_, layout = l.target.Layouts(v.Op, target.UseOf(v))
	case v.Op.Kind == ir.Map:
		layout = l.layoutOfMap(v)
	default:
		return layout
	}
	if !a.dense || layout.Order != ir.RowMajor && !ordered(v.Type, layout.Order) {
		layout.Halo = a.halo[layout.Borderless()]
	}
	return layout
}

// layoutOfMap follows the users if they agree, else the arguments. It returns no border.
func (l *layouter) layoutOfMap(v *ir.Value) ir.Layout {
	a := l.asked[v]
	if len(a.layouts) == 1 {
		return a.layouts[0]
	}
	for _, x := range v.Args {
		layout := x.Type.Layout.Borderless()
		if layout != (ir.Layout{}) && slices.Equal(x.Type.Shape, v.Type.Shape) {
			return layout
		}
	}
	for _, layout := range a.layouts {
		if layout != (ir.Layout{}) {
			return layout
		}
	}
	if a.wished {
		return a.wish
	}
	return ir.Layout{}
}

// ordered reports whether a tensor lies in the given order, without a border, as it does row-major.
func ordered(t ir.Type, o ir.Order) bool { return t.With(ir.Layout{Order: o}).Dense() }

// convert inserts conversions in front of the first user that needs them.
func (l *layouter) convert() {
	b := ir.NewBuilder(l.graph)
	values := l.graph.Values
	l.graph.Values = nil
	settled := map[*ir.Value]*ir.Value{}
	for _, v := range values {
		for i, layout := range l.wants(v) {
			x := v.Args[i]
			switch {
			case v.Op.Kind == ir.View && !plain(x.Type, layout.Storage):
				v.Args[i] = l.inLayout(b, x, layout, v.Origin)
			case v.Op.Kind == ir.Kernel && !fits(x.Type.Layout, layout):
				layout.Halo = l.asked[x].halo[layout.Borderless()]
				v.Args[i] = l.inLayout(b, x, layout, v.Origin)
			}
		}
		l.graph.Values = append(l.graph.Values, v)
		if l.roots[v] && !plain(v.Type, ir.F32) {
			settled[v] = l.inLayout(b, v, ir.Layout{}, v.Origin)
		}
	}
	l.replaceRoots(settled)
}

// plain reports whether a value lies row-major without gaps, its elements stored in a type, F32 for
// the value's own.
func plain(t ir.Type, storage ir.DType) bool {
	return t.Dense() && t.Layout.Storage == storage
}

// fits reports whether a value of layout l serves a kernel that wants another: in the same order and
// type, with a border at least as wide.
func fits(l, wanted ir.Layout) bool {
	return l.Order == wanted.Order && l.Storage == wanted.Storage && l.Halo[0] >= wanted.Halo[0] && l.Halo[1] >= wanted.Halo[1]
}

// inLayout returns v in the given layout.
func (l *layouter) inLayout(b *ir.Builder, v *ir.Value, to ir.Layout, origin ir.Origin) *ir.Value {
	key := conversion{v, to}
	if c := l.converted[key]; c != nil {
		return c
	}
	b.Origin = origin
	c := identity(b, v.Name+"."+suffix(v.Type.Layout, to), v)
	c.Type.Layout = to
	l.converted[key] = c
	return c
}

// suffix says what a conversion changes.
func suffix(from, to ir.Layout) string {
	switch {
	case from.Storage != to.Storage:
		return strings.TrimSuffix(to.Storage.String()+"."+string(to.Order), ".")
	case from.Order == to.Order:
		return "padded"
	case to.Order == ir.RowMajor:
		return "rowmajor"
	}
	return string(to.Order)
}

// replaceRoots puts conversions in the place of roots, but not of their uses within the graph.
func (l *layouter) replaceRoots(by map[*ir.Value]*ir.Value) {
	g := l.graph
	for i, o := range g.Outputs {
		if c := by[o.Value]; c != nil {
			g.Outputs[i].Value = c
		}
	}
	for _, list := range [][]ir.Assign{g.Gradients, g.Updates} {
		for i, a := range list {
			if c := by[a.Value]; c != nil {
				list[i].Value = c
			}
		}
	}
}
