package host

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gradc/gradc/compiler/plan"
)

// memory emits the constants that say where buffers begin.
func (n *Net) memory(file *Code) error {
	n.outputs()
	var list []*plan.Buffer
	for _, b := range n.Plan.Buffers {
		if n.offsets[b] != "" {
			list = append(list, b)
		}
	}
	slices.SortStableFunc(list, func(a, b *plan.Buffer) int {
		return cmp.Or(cmp.Compare(a.Space, b.Space), later(a.Infer, b.Infer),
			cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.First, b.First))
	})
	for len(list) > 0 {
		first := list[0]
		end := slices.IndexFunc(list, func(b *plan.Buffer) bool {
			return b.Space != first.Space || b.Infer != first.Infer
		})
		if end < 0 {
			end = len(list)
		}
		n.constants(file, list[:end])
		list = list[end:]
	}
	return nil
}

// later puts what is false in front of what is true.
func later(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// constants emits the places of buffers in one block of memory.
func (n *Net) constants(file *Code, list []*plan.Buffer) {
	space := list[0].Space
	what := map[plan.Space]string{
		plan.Arena:   "Places in the arena while training, in floats. Lifetimes are in memory.txt.",
		plan.Params:  "Places in the parameter block, in floats.",
		plan.Grads:   "Places in the block of gradients, in floats.",
		plan.Moments: "Places in the optimizer's block, in floats.",
		plan.States:  "Places in the block of running statistics, in floats.",
		plan.Scalars: "Places of the optimizer's numbers of one step.",
	}[space]
	if list[0].Infer {
		what = "Places in the arena while evaluating, in floats."
	}
	file.Gap()
	file.Comment("%s", what)
	group := &Code{}
	for _, b := range list {
		group.Line("%s = %d", n.offsets[b], plan.Floats(b.Offset))
	}
	file.constants(group)
}

// Home returns the slice that a buffer lies in and the constant that says where it begins there.
func (n *Net) Home(b *plan.Buffer) (slice, at string) {
	slice = "n." + b.Space.String()
	if b.Offset == 0 && (b.Space == plan.Images || b.Space == plan.Labels || b.Kind == plan.Block) {
		return slice, ""
	}
	if n.offsets[b] == "" {
		name := Identifier(b.Name) + "At"
		if b.Infer {
			name = "infer" + Exported(name)
		}
		n.offsets[b] = n.Scope.Fresh(name)
	}
	return slice, n.offsets[b]
}

// outputs makes sure that what the surrounding code reads has a name.
func (n *Net) outputs() {
	for _, list := range [][]plan.Output{n.Plan.TrainOutputs, n.Plan.InferOutputs} {
		for _, o := range list {
			n.Home(o.Buffer)
		}
	}
	for _, b := range n.Plan.Buffers {
		if b.Space == plan.Scalars {
			n.Home(b)
		}
	}
}

// output returns the slice of a result of a pass, by name; empty if there is none.
func (n *Net) output(list []plan.Output, name string) string {
	for _, o := range list {
		if o.Name == name {
			home, at := n.Home(o.Buffer)
			return window(home, at, o.Type.Shape.Elements())
		}
	}
	return ""
}

// window prints the elements of a block from a constant on.
func window(home, at string, elements int) string {
	if at == "" {
		return fmt.Sprintf("%s[:%d]", home, elements)
	}
	return fmt.Sprintf("%s[%s:][:%d]", home, at, elements)
}
