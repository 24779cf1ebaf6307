package gosrc

import (
	"cmp"
	"slices"

	"github.com/gradc/gradc/compiler/plan"
)

// memory emits the constants that say where buffers begin.
func (e *emitter) memory(file *code) error {
	e.outputs()
	var list []*plan.Buffer
	for _, b := range e.Plan.Buffers {
		if e.offsets[b] != "" {
			list = append(list, b)
		}
	}
	slices.SortStableFunc(list, func(a, b *plan.Buffer) int {
		return cmp.Or(cmp.Compare(a.Space, b.Space), later(a.Infer, b.Infer),
			cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.First, b.First))
	})
	for len(list) > 0 {
		first := list[0]
		n := slices.IndexFunc(list, func(b *plan.Buffer) bool {
			return b.Space != first.Space || b.Infer != first.Infer
		})
		if n < 0 {
			n = len(list)
		}
		e.constants(file, list[:n])
		list = list[n:]
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
func (e *emitter) constants(file *code, list []*plan.Buffer) {
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
	file.gap()
	file.comment("%s", what)
	group := &code{}
	for _, b := range list {
		group.line("%s = %d", e.offsets[b], b.Offset)
	}
	file.constants(group)
}

// outputs makes sure that what the surrounding code reads has a name.
func (e *emitter) outputs() {
	for _, list := range [][]plan.Output{e.Plan.TrainOutputs, e.Plan.InferOutputs} {
		for _, o := range list {
			e.home(o.Buffer)
		}
	}
	for _, b := range e.Plan.Buffers {
		if b.Space == plan.Scalars {
			e.home(b)
		}
	}
}

// output returns the slice of a result of a pass, by name; empty if there is none.
func (e *emitter) output(list []plan.Output, name string) string {
	for _, o := range list {
		if o.Name == name {
			home, at := e.home(o.Buffer)
			return slice(home, sum(at), o.Type.Shape.Elements(), true)
		}
	}
	return ""
}
