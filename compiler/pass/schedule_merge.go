package pass

import (
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/target"
)

// group is what becomes one step: a kernel with its epilogue, or maps and reductions over one
// domain.
type group struct {
	kernel  *ir.Value
	members []*ir.Value // maps and reductions, arguments first
	domain  ir.Shape
	pass    ir.Pass
	index   int  // among the groups
	before  bits // groups that must run before it, by index
}

// values returns all that the group computes.
func (g *group) values() []*ir.Value {
	if g.kernel == nil {
		return g.members
	}
	return append([]*ir.Value{g.kernel}, g.members...)
}

// merge divides the values of the graph into groups.
func (s *scheduler) merge() {
	var near []*group // those that have grown since the last kernel
	for _, v := range s.graph.Values {
		if v.Op.Kind == ir.Source || v.Op.Kind == ir.View {
			continue
		}
		g := s.hostOf(v, near)
		if g == nil {
			g = &group{domain: v.Type.Shape, pass: v.Pass, index: len(s.groups)}
			s.groups = append(s.groups, g)
		}
		s.join(g, v)
		if v.Op.Kind == ir.Kernel {
			near = nil
		} else {
			near = addGroup(near, g)
		}
	}
}

// addGroup adds a group to a list in descending order of their indices.
func addGroup(list []*group, g *group) []*group {
	at, known := slices.BinarySearchFunc(list, g, func(a, b *group) int { return b.index - a.index })
	if known {
		return list
	}
	return slices.Insert(list, at, g)
}

// join puts v into g.
func (s *scheduler) join(g *group, v *ir.Value) {
	if v.Op.Kind == ir.Kernel {
		g.kernel = v
	} else {
		g.domain = domain(v)
		g.members = append(g.members, v)
	}
	s.owner[v] = g
	more := false
	for _, a := range v.Args {
		if need := s.owner[storage(a)]; need != nil && need != g && !g.before.has(need.index) {
			g.before.add(need.index)
			g.before.addAll(need.before)
			more = true
		}
	}
	if !more {
		return
	}
	for _, other := range s.groups {
		if other.before.has(g.index) {
			other.before.addAll(g.before)
		}
	}
}

// hostOf returns the group that v joins, nil if it begins its own: best one that holds an argument
// of v, so that it need not be loaded, else one that loads the same.
func (s *scheduler) hostOf(v *ir.Value, near []*group) *group {
	if !loops(v) {
		return nil
	}
	var feeding []*group
	for _, a := range v.Args {
		if g := s.owner[a]; g != nil {
			feeding = addGroup(feeding, g)
		}
	}
	for _, g := range feeding {
		if s.mayJoin(v, g) {
			return g
		}
	}
	for _, g := range near {
		if g.kernel == nil && s.mayJoin(v, g) && s.resembles(v, g) {
			return g
		}
	}
	return nil
}

// mayJoin reports whether v can be computed in the loop of g.
func (s *scheduler) mayJoin(v *ir.Value, g *group) bool {
	if g.pass != v.Pass || !slices.Equal(g.domain, domain(v)) || len(g.members) == s.target.Costs.MostOuts {
		return false
	}
	if g.kernel != nil && !s.ridesOn(v, g.kernel) {
		return false
	}
	for _, a := range v.Args {
		switch need := s.owner[storage(a)]; {
		case need == nil:
		case need == g:
			if a.Op.Kind == ir.View || a.Op.Kind == ir.Reduce ||
				!slices.Equal(a.Type.Shape, g.domain) {
				return false // it waits for memory
			}
		case need.before.has(g.index):
			return false
		}
	}
	return true
}

// ridesOn reports whether v can be an epilogue of a kernel. Partial results of a kernel that is
// split are no results yet, so only their sum can be mapped; and a plane of images folds along
// channels only when all are there.
func (s *scheduler) ridesOn(v, kernel *ir.Value) bool {
	if v.Op.Kind == ir.Map {
		return true
	}
	along1 := slices.Contains(v.Attrs.Ints("axes"), 1)
	return s.split(kernel) == 1 && (len(kernel.Type.Shape) == 2 || !along1)
}

// split returns of how many partial results the result of a kernel is the sum.
func (s *scheduler) split(kernel *ir.Value) int {
	return s.target.Grid(kernel.Op, target.UseOf(kernel)).Split
}

// resembles reports whether v reads a tensor of the domain's size that g reads too, or belongs to
// the same layer and is small.
func (s *scheduler) resembles(v *ir.Value, g *group) bool {
	if v.Layer == g.members[0].Layer && g.domain.Elements() <= s.target.Costs.SmallLoop {
		return true
	}
	for _, m := range g.members {
		for _, a := range m.Args {
			if slices.Equal(a.Type.Shape, g.domain) && slices.Contains(v.Args, a) {
				return true
			}
		}
	}
	return false
}
