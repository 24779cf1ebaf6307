// Package ir is gradc's intermediate representation: a network as values in the order in which
// they are computed. Each value knows the operation, arguments and attributes it comes from, its
// type, and the line of the DSL that asked for it. Graphs have a text form that reads back.
package ir

import (
	"fmt"
	"strings"

	"github.com/gradc/gradc/compiler/scalar"
)

// Pass is the part of a training step that a value belongs to.
type Pass uint8

// The passes.
const (
	Forward Pass = iota
	Backward
	Optimize
)

var passNames = [...]string{Forward: "forward", Backward: "backward", Optimize: "update"}

// String returns forward, backward or update.
func (p Pass) String() string { return passNames[p] }

// Value is one tensor of a graph.
type Value struct {
	Name  string // unique in its graph
	Op    *Op
	Args  []*Value
	Attrs Attrs
	Type  Type
	Origin
}

// Origin says where a value comes from.
type Origin struct {
	Layer string // the layer of the DSL, such as conv1; empty where there is none
	Pass  Pass
	Pos   string // file:line of the DSL
}

// Body returns the expression of a Map or Reduce.
func (v *Value) Body() *scalar.Expr { return v.Op.Body(v.Attrs) }

// ArgTypes returns the types of the arguments.
func (v *Value) ArgTypes() []Type {
	types := make([]Type, len(v.Args))
	for i, a := range v.Args {
		types[i] = a.Type
	}
	return types
}

// Graph is a network: its values in an order in which they can be computed, and what of them
// leaves the graph.
type Graph struct {
	Name   string
	Pos    string // file:line of the DSL func
	Recipe Recipe
	Ops    Table
	Values []*Value

	Outputs   []Output // results by name: loss, logits, losses
	Gradients []Assign // gradients by parameter
	Updates   []Assign // new contents of states and parameters
}

// Output is a result that the surrounding code reads.
type Output struct {
	Name  string
	Value *Value
}

// Assign says that a value is stored for a source: as its gradient or as its new content.
type Assign struct {
	Target *Value
	Value  *Value
}

// Recipe is how a network is trained.
type Recipe struct {
	Batch        int
	Epochs       int
	Seed         uint64
	Data         string // name of the default data set
	LearningRate float64
	Optimizer    Choice
	Schedule     Choice
	Augment      []Choice
	Mean, Std    []float64 // of the pixels scaled to [0, 1], per channel
	Direct       bool      // convolutions are the sums of products that define them
}

// Choice is one of several ways, with its numbers: adam beta1=0.9 beta2=0.999.
type Choice struct {
	Name string
	Args []Arg
}

// Arg is a named number of a Choice.
type Arg struct {
	Name  string
	Value float64
}

// Arg returns the number of the given name, 0 if there is none.
func (c Choice) Arg(name string) float64 {
	for _, a := range c.Args {
		if a.Name == name {
			return a.Value
		}
	}
	return 0
}

// Find returns the value of the given name, or nil.
func (g *Graph) Find(name string) *Value {
	for _, v := range g.Values {
		if v.Name == name {
			return v
		}
	}
	return nil
}

// Output returns the result of the given name, or nil.
func (g *Graph) Output(name string) *Value {
	for _, o := range g.Outputs {
		if o.Name == name {
			return o.Value
		}
	}
	return nil
}

// Sources returns the values of the source operation op, in order.
func (g *Graph) Sources(op string) []*Value {
	var found []*Value
	for _, v := range g.Values {
		if v.Op.Kind == Source && v.Op.Name == op {
			found = append(found, v)
		}
	}
	return found
}

// Users returns for every value the values that have it as an argument, each once per use.
func (g *Graph) Users() map[*Value][]*Value {
	users := make(map[*Value][]*Value, len(g.Values))
	for _, v := range g.Values {
		for _, a := range v.Args {
			users[a] = append(users[a], v)
		}
	}
	return users
}

// Roots returns the values that leave the graph: outputs, gradients and updates, in that order.
func (g *Graph) Roots() []*Value {
	var roots []*Value
	for _, o := range g.Outputs {
		roots = append(roots, o.Value)
	}
	for _, a := range g.Gradients {
		roots = append(roots, a.Value)
	}
	for _, a := range g.Updates {
		roots = append(roots, a.Value)
	}
	return roots
}

// Replace makes every use of a value in old, as an argument or a root, a use of its image.
// Images are followed until a value has none.
func (g *Graph) Replace(old map[*Value]*Value) {
	final := func(v *Value) *Value {
		for old[v] != nil {
			v = old[v]
		}
		return v
	}
	for _, v := range g.Values {
		for i, a := range v.Args {
			v.Args[i] = final(a)
		}
	}
	for i := range g.Outputs {
		g.Outputs[i].Value = final(g.Outputs[i].Value)
	}
	for i := range g.Gradients {
		g.Gradients[i].Value = final(g.Gradients[i].Value)
	}
	for i := range g.Updates {
		g.Updates[i].Value = final(g.Updates[i].Value)
	}
}

// Clone returns a copy of the graph that shares nothing that passes change.
func (g *Graph) Clone() *Graph {
	c := *g
	image := make(map[*Value]*Value, len(g.Values))
	c.Values = make([]*Value, len(g.Values))
	for i, v := range g.Values {
		w := *v
		w.Args = make([]*Value, len(v.Args))
		for k, a := range v.Args {
			w.Args[k] = image[a]
		}
		image[v], c.Values[i] = &w, &w
	}
	c.Outputs = nil
	for _, o := range g.Outputs {
		c.Outputs = append(c.Outputs, Output{o.Name, image[o.Value]})
	}
	assigns := func(from []Assign) (to []Assign) {
		for _, a := range from {
			to = append(to, Assign{image[a.Target], image[a.Value]})
		}
		return to
	}
	c.Gradients, c.Updates = assigns(g.Gradients), assigns(g.Updates)
	return &c
}

// Error is a mistake in a network, at a line of the DSL.
type Error struct {
	Pos string
	Msg string
}

// Error returns file:line: message.
func (e *Error) Error() string { return strings.TrimPrefix(e.Pos+": ", ": ") + e.Msg }

// Errorf returns an Error about a value.
func (v *Value) Errorf(format string, args ...any) error {
	return &Error{Pos: v.Pos, Msg: fmt.Sprintf("%s %q: ", v.Op.Name, v.Name) +
		fmt.Sprintf(format, args...)}
}
