package pass

import (
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// Simplify makes a graph compute the same with less: constants fold into what reads them, maps
// and reshapes that change nothing vanish, equal values become one, and unused ones go.
//
// Two maps that draw random numbers at the same site draw the same ones, so they are equal too.
func Simplify(g *ir.Graph) error {
	images := map[*ir.Value]*ir.Value{}
	known := map[string]*ir.Value{}
	names := map[*ir.Value]string{}
	for _, v := range g.Values {
		for i, a := range v.Args {
			v.Args[i] = image(images, a)
		}
		simplifyValue(g, v)
		if x := standsFor(v); x != nil {
			images[v] = x
			continue
		}
		if v.Op.Kind == ir.Source {
			continue
		}
		key := computation(v)
		if first := known[key]; first != nil {
			images[v] = first
			if len(v.Name) < len(names[first]) {
				names[first] = v.Name // bn1.mean rather than bn1.mean.2
			}
			continue
		}
		known[key], names[v] = v, v.Name
	}
	g.Replace(images)
	sweep(g)
	for v, name := range names {
		v.Name = name
	}
	return nil
}

// simplifyValue rewrites v by what is known of its arguments.
func simplifyValue(g *ir.Graph, v *ir.Value) {
	switch {
	case loops(v):
		foldArgs(g, v)
		if c := v.Body(); c.Op == scalar.Const && v.Op.Kind == ir.Reduce {
			makeConstant(g, v, foldConstant(v, c.Value))
		}
	case v.Op.Kind == ir.View:
		for v.Args[0].Op == v.Op { // a view of a view
			v.Args = []*ir.Value{v.Args[0].Args[0]}
		}
		if c := constant(v.Args[0]); c != nil {
			makeConstant(g, v, c.Value)
		}
	}
}

// foldArgs puts the arguments that are constants into the expression of v, and drops those that
// it does not read or has twice.
func foldArgs(g *ir.Graph, v *ir.Value) {
	inputs := make([]*scalar.Expr, len(v.Args))
	for i, a := range v.Args {
		inputs[i] = scalar.X(i)
		if c := constant(a); c != nil {
			inputs[i] = c
		}
	}
	body := scalar.Subst(v.Body(), inputs)
	if _, args := ir.Prune(body, v.Args); len(args) != len(v.Args) {
		setBody(g, v, body, v.Args)
	}
}

// constant returns the number that fills v, or nil.
func constant(v *ir.Value) *scalar.Expr {
	if v.Op.Kind == ir.Map && v.Body().Op == scalar.Const {
		return v.Body()
	}
	return nil
}

// foldConstant folds n elements that are all c.
func foldConstant(v *ir.Value, c float64) float64 {
	n := domain(v).Elements() / v.Type.Shape.Elements()
	switch fold := v.Attrs.Str("fold"); fold {
	case "sum":
		return c * float64(n)
	case "var":
		return 0
	case "mean", "max":
		return c
	default:
		panic("pass: nothing is known of the fold " + fold)
	}
}

// makeConstant turns v into the map that fills its shape with c.
func makeConstant(g *ir.Graph, v *ir.Value, c float64) {
	v.Op, v.Args = g.Ops["map"], nil
	v.Attrs = ir.Attrs{"shape": []int(v.Type.Shape), "body": scalar.C(c)}
}

// standsFor returns the argument that v is the same as, or nil.
func standsFor(v *ir.Value) *ir.Value {
	if len(v.Args) != 1 || !v.Args[0].Type.Equal(v.Type) {
		return nil
	}
	x := v.Args[0]
	switch v.Op.Kind {
	case ir.View:
		return x
	case ir.Map:
		if v.Body().Op == scalar.In {
			return x
		}
	}
	return nil
}

// computation describes what v computes, equal for equal values: its line without the name.
func computation(v *ir.Value) string {
	return ir.FormatValue(&ir.Value{Op: v.Op, Args: v.Args, Attrs: v.Attrs, Type: v.Type})
}
