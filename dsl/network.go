package dsl

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
)

// network is a model while its layers are applied.
type network struct {
	*ir.Builder
	sites    map[*call]*site
	names    map[string]position // of layers, and where they are
	counts   map[string]int      // of layers, by stem
	dropouts int
	results  []result
	mistakes []mistake
	closed   bool // the model is finished: tensors of it that leak out are of no use
}

// site is a call in one network: its name and its parameters, which all its uses share.
type site struct {
	name   string
	params map[string]*ir.Value
	used   bool
}

// result is what one use of a layer yields.
type result struct {
	use   *use
	value *ir.Value
}

// mistake is one line of a report.
type mistake struct {
	pos  position
	text string
}

func newNetwork(name string, pos position) *network {
	graph := &ir.Graph{Name: name, Pos: pos.String(), Ops: op.All()}
	return &network{Builder: ir.NewBuilder(graph),
		sites:  map[*call]*site{},
		names:  map[string]position{},
		counts: map[string]int{},
	}
}

// networkOf returns the unfinished network of the first tensor that has one.
func networkOf(tensors []Tensor) *network {
	for _, t := range tensors {
		if t.net != nil && !t.net.closed {
			return t.net
		}
	}
	return nil
}

// report notes a mistake.
func (n *network) report(pos position, format string, args ...any) {
	n.mistakes = append(n.mistakes, mistake{pos, fmt.Sprintf(format, args...)})
}

// reportFaults notes what is wrong with the arguments of a call. It returns whether nothing is.
func (n *network) reportFaults(c *call, name string) bool {
	for _, fault := range c.faults {
		n.report(c.pos, "%s: %s", c.label(name), fault)
	}
	return len(c.faults) == 0
}

// label returns Conv2D "conv2", or the kind alone.
func (c *call) label(name string) string {
	if name == "" {
		return c.kind
	}
	return fmt.Sprintf("%s %q", c.kind, name)
}

// site returns the call's site. The first time, it finds its name and reports its faults.
func (n *network) site(c *call) *site {
	if s := n.sites[c]; s != nil {
		return s
	}
	s := &site{name: n.nameOf(c), params: map[string]*ir.Value{}}
	n.sites[c] = s
	n.reportFaults(c, s.name)
	return s
}

// err returns all mistakes in the order of their lines, or nil.
func (n *network) err() error {
	slices.SortStableFunc(n.mistakes, func(a, b mistake) int { return a.pos.compare(b.pos) })
	var list []error
	for _, m := range n.mistakes {
		list = append(list, &ir.Error{Pos: m.pos.String(), Msg: m.text})
	}
	return errors.Join(list...)
}

// reportUnused notes layers whose result goes nowhere, as Go does with variables.
func (n *network) reportUnused(logits *ir.Value) {
	users := n.Graph.Users()
	for _, r := range n.results {
		if r.value != logits && len(users[r.value]) == 0 {
			r.use.fail("its result is not used")
		}
	}
}
