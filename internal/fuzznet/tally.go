package fuzznet

import (
	"fmt"

	"github.com/gradc/gradc/compiler/plan"
)

// Tally counts how comparisons went, and of what.
type Tally struct {
	Networks, Tensors int
	Near, Few, Many   int // tensors that passed at once, after few and after many runs with noise
	Loose             int // of Few and Many, those that may be off by 1 %, and are not about 0
	NotFinite         int // steps that can't be compared

	Kinds map[string]int // operations, kinds of steps, optimizers, schedules
}

// count counts a network and what it consists of.
func (t *Tally) count(c *compiled) {
	t.Networks++
	if t.Kinds == nil {
		t.Kinds = map[string]int{}
	}
	for _, v := range c.model.Values {
		t.Kinds[v.Op.Name]++
	}
	for _, s := range c.result.Plan.Train {
		t.step(s)
	}
	t.Kinds[c.Optimizer.Kind]++
	t.Kinds["schedule "+c.model.Recipe.Schedule.Name]++
}

func (t *Tally) step(s *plan.Step) {
	if s.Loop != nil && s.Cuts[0].Pieces > 1 {
		for _, o := range s.Loop.Outs {
			if o.Fold != "" {
				t.Kinds[o.Fold+" in pieces"]++
			}
		}
	}
	if s.Kernel == nil {
		return
	}
	name := s.Kernel.Op.Name
	t.Kinds[name]++
	for kind, is := range map[string]bool{
		name + " in parts":   s.Split > 1,
		name + " in rows":    s.Cuts[0].Pieces > 1,
		name + " in columns": s.Cuts[1].Pieces > 1,
		"kernel with loop":   s.Loop != nil,
	} {
		if is {
			t.Kinds[kind]++
		}
	}
}

func (t *Tally) add(u Tally) {
	t.Networks += u.Networks
	t.Tensors += u.Tensors
	t.Near += u.Near
	t.Few += u.Few
	t.Many += u.Many
	t.Loose += u.Loose
	t.NotFinite += u.NotFinite
	if t.Kinds == nil {
		t.Kinds = map[string]int{}
	}
	for kind, n := range u.Kinds {
		t.Kinds[kind] += n
	}
}

// String tells how comparisons went.
func (t Tally) String() string {
	return fmt.Sprintf("%d networks, %d tensors: %d near, %d and %d within what roundings move "+
		"(%d loose), %d steps not finite", t.Networks, t.Tensors, t.Near, t.Few, t.Many, t.Loose,
		t.NotFinite)
}
