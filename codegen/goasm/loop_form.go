package goasm

import (
	"strings"

	"github.com/mmcloughlin/avo/build"

	"github.com/gradc/gradc/compiler/plan"
)

// form is how a loop is emitted on one machine.
type form struct {
	blocks bool // the last axis is one block of lanes, else a run of any length
	spill  bool // sums are kept in memory
	kept   int  // how many values known in front of loops are kept in registers, the others in memory
	unroll int  // elements, or vectors of a run, side by side
	slots  int  // vectors in memory, with room for more while a form is looked for
}

// formOf finds a form whose registers suffice.
func (m Machine) formOf(l loop) (form, bool) {
	f, ok := m.shapeOf(l)
	if !ok {
		return f, false
	}
	for _, f.spill = range []bool{false, true} {
		if f.spill && len(l.Sums) == 0 {
			continue
		}
		for f.kept = m.registers; f.kept >= 0; f.kept-- {
			f.unroll, f.slots = 1, 1
			e := newLoop(m.trial(), l, f)
			e.function("trial")
			if e.failed {
				continue
			}
			f.slots, f.unroll = e.taken, e.unrolled()
			return f, true
		}
	}
	return f, false
}

// shapeOf reports whether a loop is one that there are instructions for: all tensors stand still or
// lie side by side along the last axis, and sums have an element for each of its iterations.
func (m Machine) shapeOf(l loop) (form, bool) {
	last := len(l.Axes) - 1
	block := plan.FunctionAxis{Count: Lanes, Param: -1}
	f := form{blocks: l.Axes[last].Lanes || l.Axes[last] == block}
	if !f.blocks && (len(l.Sums) > 0 || l.Axes[last].Count < Lanes) {
		return f, false
	}
	for i, a := range l.Axes {
		if a.Param >= 0 && i > 0 && !a.Lanes {
			return f, false // pointers move back by constants
		}
	}
	turns := func(t plan.View) bool {
		return f.blocks && last > 0 && t.Stride[last-1] == 1 &&
			l.Params[t.Param] == "[]float32"
	}
	for _, t := range l.Args {
		if t.Stride != nil && t.Stride[last] > 1 && !turns(t) {
			return f, false
		}
	}
	for _, o := range l.Outs {
		if o.Stride[last] == 0 || o.Stride[last] > 1 && !turns(o.View) {
			return f, false
		}
	}
	for _, s := range l.Sums {
		for i, stride := range s.Stride {
			if (stride != 0) != (i == last) {
				return f, false
			}
		}
		if s.Level >= last || s.Param >= 0 && !strings.HasPrefix(l.Params[s.Param], "*[16]") {
			return f, false
		}
	}
	for _, fold := range l.Folds {
		for _, t := range fold.Targets {
			if t.Stride[last] != 1 {
				return f, false
			}
		}
	}
	return f, true
}

// trial returns an assembler whose output nobody reads.
func (m Machine) trial() *assembler {
	return &assembler{Context: build.NewContext(), Machine: m}
}
