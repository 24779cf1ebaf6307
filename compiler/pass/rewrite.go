// Package pass holds the compiler's passes over a graph, one file each. compiler/compile.go says
// in which order they run, and why.
package pass

import (
	"maps"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// loops reports whether v computes an expression for every element of a domain.
func loops(v *ir.Value) bool { return v.Op.Kind == ir.Map || v.Op.Kind == ir.Reduce }

// domain returns the shape over which a Map or Reduce computes its expression.
func domain(v *ir.Value) ir.Shape {
	if v.Op.Kind == ir.Reduce {
		return v.Attrs.Ints("shape")
	}
	return v.Type.Shape
}

// setBody makes a Map or Reduce compute body(args) over the domain it has.
func setBody(g *ir.Graph, v *ir.Value, body *scalar.Expr, args []*ir.Value) {
	body, v.Args = ir.Prune(body, args)
	attrs := maps.Clone(v.Attrs)
	if v.Op.Kind == ir.Map {
		v.Op = g.Ops["map"] // the general form
		attrs = ir.Attrs{"shape": []int(v.Type.Shape)}
	}
	attrs["body"] = body
	v.Attrs = attrs
}

// sweep removes the values that nobody needs. Sources stay: they are the network's interface.
func sweep(g *ir.Graph) {
	live := map[*ir.Value]bool{}
	for _, root := range g.Roots() {
		live[root] = true
	}
	for i := len(g.Values) - 1; i >= 0; i-- {
		if v := g.Values[i]; live[v] {
			for _, a := range v.Args {
				live[a] = true
			}
		}
	}
	var kept []*ir.Value
	for _, v := range g.Values {
		if live[v] || v.Op.Kind == ir.Source {
			kept = append(kept, v)
		}
	}
	g.Values = kept
}
