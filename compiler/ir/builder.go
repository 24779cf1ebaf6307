package ir

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/gradc/gradc/compiler/scalar"
)

// Builder appends values to a graph. The values it makes get the Origin it carries.
type Builder struct {
	Graph *Graph
	Origin

	names map[string]bool
}

// NewBuilder returns a builder that appends to g.
func NewBuilder(g *Graph) *Builder {
	b := &Builder{Graph: g, names: make(map[string]bool, len(g.Values))}
	for _, v := range g.Values {
		b.names[v.Name] = true
	}
	return b
}

// Add appends the value name = op(args) attrs, or returns an error of the operation's shape rule.
func (b *Builder) Add(name, op string, args []*Value, attrs Attrs) (*Value, error) {
	row := b.Graph.Ops[op]
	if row == nil {
		return nil, fmt.Errorf("no operation is named %s", op)
	}
	v := &Value{Name: b.Unique(name), Op: row, Args: args, Attrs: attrs, Origin: b.Origin}
	if err := attrs.check(row.Attrs); err != nil {
		return nil, err
	}
	t, err := row.Shape(v.ArgTypes(), attrs)
	if err != nil {
		return nil, err
	}
	v.Type = t
	b.names[v.Name] = true
	b.Graph.Values = append(b.Graph.Values, v)
	return v, nil
}

// RuleError is what Apply panics with: a rule of an operation built something that does not fit.
// It is a mistake in the operation, not in the user's network.
type RuleError struct {
	Origin Origin
	Op     string
	Err    error
}

// Error names the operation that does not fit and the line of the DSL it comes from.
func (e *RuleError) Error() string {
	return fmt.Sprintf("%s: internal error in a rule of layer %q: %s: %v",
		e.Origin.Pos, e.Origin.Layer, e.Op, e.Err)
}

// Apply is Add for rules of operations, which build only what fits: it panics with a *RuleError.
func (b *Builder) Apply(name, op string, args []*Value, attrs Attrs) *Value {
	v, err := b.Add(name, op, args, attrs)
	if err != nil {
		panic(&RuleError{b.Origin, op, err})
	}
	return v
}

// Map appends the elementwise value body(args) over shape, along which arguments of size 1
// repeat. Arguments that body does not read are dropped.
func (b *Builder) Map(name string, shape Shape, body *scalar.Expr, args ...*Value) *Value {
	body, args = Prune(body, args)
	return b.Apply(name, "map", args, Attrs{"shape": []int(shape), "body": body})
}

// Reduce appends the fold (sum, mean, var or max) along axes of body(args) over shape; the axes
// keep size 1.
func (b *Builder) Reduce(
	name string, shape Shape, fold string, axes []int, body *scalar.Expr, args ...*Value,
) *Value {
	body, args = Prune(body, args)
	return b.Apply(name, "reduce", args,
		Attrs{"shape": []int(shape), "fold": fold, "axes": axes, "body": body})
}

// Reshape appends a view of x under another shape.
func (b *Builder) Reshape(name string, x *Value, dims ...int) *Value {
	if slices.Equal(x.Type.Shape, dims) {
		return x
	}
	return b.Apply(name, "reshape", []*Value{x}, Attrs{"shape": dims})
}

// Prune drops the arguments that body does not read, merges those that are the same value, and
// returns the body that reads what is left.
func Prune(body *scalar.Expr, args []*Value) (*scalar.Expr, []*Value) {
	var kept []*Value
	inputs := make([]*scalar.Expr, len(args))
	for i, a := range args {
		if !body.Reads(i) {
			continue
		}
		at := slices.Index(kept, a)
		if at < 0 {
			at = len(kept)
			kept = append(kept, a)
		}
		inputs[i] = scalar.X(at)
	}
	return scalar.Subst(body, inputs), kept
}

// Unique returns name, or name with the first free number behind it.
func (b *Builder) Unique(name string) string {
	if !b.names[name] {
		return name
	}
	for i := 2; ; i++ {
		if n := name + "." + strconv.Itoa(i); !b.names[n] {
			return n
		}
	}
}
