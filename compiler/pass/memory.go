package pass

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gradc/gradc/compiler/plan"
)

// Memory gives every buffer of a scheduled program its place. In the arena, buffers whose
// lifetimes do not meet share memory, and a loop stores a result over an argument that is not
// needed any more. Training and evaluation use the same arena, one after the other.
func Memory(p *plan.Program) {
	for _, infer := range []bool{false, true} {
		widen(p, infer)
		buffers := lifetimes(p, infer)
		slots := slotsOf(p, p.Steps(infer), buffers)
		p.Size[plan.Arena] = max(p.Size[plan.Arena], place(slots))
		for _, s := range slots {
			for _, b := range s.buffers {
				b.Offset = s.offset
			}
		}
		p.Buffers = append(p.Buffers, buffers...)
	}
	last := max(0, len(p.Steps(false))-1)
	for _, b := range p.Buffers {
		if b.Space != plan.Arena { // there before the first step, and after the last
			b.First, b.Last = 0, last
		}
	}
	slices.SortFunc(p.Buffers, inOrder)
}

// inOrder sorts buffers by space and offset, training before evaluation.
func inOrder(a, b *plan.Buffer) int {
	evaluation := func(b *plan.Buffer) int {
		if b.Infer {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(a.Space, b.Space), evaluation(a)-evaluation(b),
		cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.First, b.First),
		strings.Compare(a.Name, b.Name))
}

// lifetimes finds the buffers of some steps that lie in the arena, and from which step to which
// they hold something.
func lifetimes(p *plan.Program, infer bool) []*plan.Buffer {
	steps := p.Steps(infer)
	outputs := p.TrainOutputs
	if infer {
		outputs = p.InferOutputs
	}
	var buffers []*plan.Buffer
	known := map[*plan.Buffer]bool{}
	use := func(b *plan.Buffer, i int) {
		if !known[b] {
			known[b] = true
			b.First = i
			buffers = append(buffers, b)
		}
		b.Last = i
	}
	for i, s := range steps {
		for _, b := range append(arena(s.Reads()), arena(s.Writes())...) {
			use(b, i)
		}
		if s.Partial != nil {
			use(s.Partial, i)
		}
	}
	for _, o := range outputs {
		if o.Buffer.Space == plan.Arena {
			use(o.Buffer, len(steps))
		}
	}
	return buffers
}

// slot is a range of the arena for buffers that take each other's place.
type slot struct {
	buffers           []*plan.Buffer
	first, last, size int
	offset            int
}

// slotsOf puts buffers into slots: that of the argument they replace, or one of their own.
func slotsOf(p *plan.Program, steps []*plan.Step, buffers []*plan.Buffer) []*slot {
	replaces := map[*plan.Buffer]*plan.Buffer{}
	for i, s := range steps {
		dies := func(b *plan.Buffer) bool { return b.Last == i && b.First < i }
		for result, argument := range reuses(s, dies) {
			replaces[result] = argument
		}
	}
	var slots []*slot
	of := map[*plan.Buffer]*slot{}
	for _, b := range buffers { // in the order of their first use
		s := of[replaces[b]]
		if s == nil {
			s = &slot{first: b.First, size: p.Aligned(b.Size)}
			slots = append(slots, s)
		}
		s.buffers = append(s.buffers, b)
		s.last = b.Last
		of[b] = s
	}
	return slots
}
