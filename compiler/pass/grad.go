package pass

import (
	"fmt"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/scalar"
)

// Grad appends the gradients of the output "loss", a tensor of one element, with respect to all
// parameters, by reverse accumulation: from the loss back to the parameters, every value hands
// its gradient on to its arguments by the rule of its operation, and a value of several uses
// gets the sum.
//
// It returns an *ir.Error that names operation and line if a rule is missing or if the loss does
// not depend on a parameter.
func Grad(g *ir.Graph) error {
	loss := g.Output("loss")
	if loss == nil {
		return &ir.Error{Pos: g.Pos, Msg: fmt.Sprintf("graph %q has no output loss", g.Name)}
	}
	if loss.Type.Shape.Elements() != 1 {
		return loss.Errorf("the loss has shape %s, not one element", loss.Type.Shape)
	}
	a := accumulator{
		builder: ir.NewBuilder(g),
		needed:  leadingFrom(g, g.Sources("param")),
		parts:   map[*ir.Value][]*ir.Value{},
	}
	a.builder.Origin = backward(loss)
	a.parts[loss] = []*ir.Value{a.builder.Map("d."+loss.Name, loss.Type.Shape, scalar.C(1))}
	for _, v := range slices.Backward(slices.Clone(g.Values)) {
		if err := a.visit(v); err != nil {
			return err
		}
	}
	for _, p := range g.Sources("param") {
		if len(a.parts[p]) == 0 {
			return p.Errorf("the loss does not depend on it, so it cannot be trained")
		}
		g.Gradients = append(g.Gradients, ir.Assign{Target: p, Value: a.parts[p][0]})
	}
	sweep(g) // rules give the gradients of all arguments, images included
	return nil
}

// accumulator collects gradients during a walk from the last value to the first.
type accumulator struct {
	builder *ir.Builder
	needed  map[*ir.Value]bool        // values that depend on a parameter
	parts   map[*ir.Value][]*ir.Value // the gradient of each value is the sum of these
}

// visit sums the gradient of v, whose users have all been visited, and hands it on.
func (a *accumulator) visit(v *ir.Value) error {
	if len(a.parts[v]) == 0 || !a.needed[v] {
		return nil
	}
	a.builder.Origin = backward(v)
	dv := a.sum(v)
	a.parts[v] = []*ir.Value{dv}
	if v.Op.Kind == ir.Source {
		return nil
	}
	var grads []*ir.Value
	switch {
	case v.Op.Grad != nil:
		grads = v.Op.Grad(a.builder, v, dv)
	case v.Op.Kind == ir.Map:
		grads = op.MapGrad(a.builder, v, dv)
	}
	if len(grads) != len(v.Args) {
		return v.Errorf("%s has no gradient rule", v.Op.Name)
	}
	for i, x := range v.Args {
		dx := grads[i]
		if dx == nil || !a.needed[x] {
			continue
		}
		if !slices.Equal(dx.Type.Shape, x.Type.Shape) {
			return v.Errorf("the gradient rule of %s gives argument %d of shape %s the shape %s",
				v.Op.Name, i, x.Type.Shape, dx.Type.Shape)
		}
		a.parts[x] = append(a.parts[x], dx)
	}
	return nil
}

// sum appends the sum of the parts of v's gradient: dv = part0 + part1 + …
func (a *accumulator) sum(v *ir.Value) *ir.Value {
	parts := a.parts[v]
	if len(parts) == 1 {
		return parts[0]
	}
	e := scalar.X(0)
	for i := 1; i < len(parts); i++ {
		e = scalar.Sum(e, scalar.X(i))
	}
	dv := a.builder.Map("d."+v.Name, v.Type.Shape, e, parts...)
	if first := parts[0]; first.Name == "d."+v.Name {
		first.Name, dv.Name = dv.Name, first.Name // the plain name is the sum's
	}
	return dv
}

// backward is the origin of the gradient of v.
func backward(v *ir.Value) ir.Origin {
	return ir.Origin{Layer: v.Layer, Pass: ir.Backward, Pos: v.Pos}
}

// leadingFrom returns the values that depend on one of from, these included.
func leadingFrom(g *ir.Graph, from []*ir.Value) map[*ir.Value]bool {
	leads := make(map[*ir.Value]bool, len(g.Values))
	for _, v := range from {
		leads[v] = true
	}
	for _, v := range g.Values {
		leads[v] = leads[v] || slices.ContainsFunc(v.Args, func(a *ir.Value) bool { return leads[a] })
	}
	return leads
}
