package pass

import (
	"slices"

	"github.com/gradc/gradc/compiler/ir"
)

// group is what becomes one step: a kernel with its epilogue, or maps and reductions over one
// domain.
type group struct {
	kernel  *ir.Value
	members []*ir.Value // maps and reductions, arguments first
	domain  ir.Shape
	pass    ir.Pass
	last    int             // position in the graph of its last value
	needs   map[*group]bool // groups that must run before it
}

// values returns all that the group computes.
func (g *group) values() []*ir.Value {
	if g.kernel == nil {
		return g.members
	}
	return append([]*ir.Value{g.kernel}, g.members...)
}

// after reports whether g can only run when other has.
func (g *group) after(other *group) bool {
	seen := map[*group]bool{}
	var visit func(*group) bool
	visit = func(g *group) bool {
		if g == other {
			return true
		}
		if seen[g] {
			return false
		}
		seen[g] = true
		for need := range g.needs {
			if visit(need) {
				return true
			}
		}
		return false
	}
	return visit(g)
}

// merge divides the values of the graph into groups.
func (s *scheduler) merge() {
	kernels := make([]int, len(s.graph.Values)+1) // up to a position, to see what lies between
	for i, v := range s.graph.Values {
		kernels[i+1] = kernels[i]
		if v.Op.Kind == ir.Kernel {
			kernels[i+1]++
		}
		if v.Op.Kind == ir.Source || v.Op.Kind == ir.View {
			continue
		}
		g := s.hostOf(v, func(g *group) bool { return kernels[g.last] == kernels[i] })
		if g == nil {
			g = &group{domain: v.Type.Shape, pass: v.Pass, needs: map[*group]bool{}}
			s.groups = append(s.groups, g)
		}
		s.join(g, v)
		g.last = i
	}
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
	for _, a := range v.Args {
		if need := s.owner[storage(a)]; need != nil && need != g {
			g.needs[need] = true
		}
	}
}

// hostOf returns the group that v joins, nil if it begins its own: best one that holds an argument
// of v, so that it need not be loaded, else one that loads the same.
func (s *scheduler) hostOf(v *ir.Value, near func(*group) bool) *group {
	if !loops(v) {
		return nil
	}
	for _, g := range slices.Backward(s.groups) {
		if s.mayJoin(v, g) && s.feeds(g, v) {
			return g
		}
	}
	for _, g := range slices.Backward(s.groups) {
		if g.kernel == nil && s.mayJoin(v, g) && near(g) && s.resembles(v, g) {
			return g
		}
	}
	return nil
}

// maxOuts bounds the results of one loop, which all have places in registers or cache.
const maxOuts = 8

// mayJoin reports whether v can be computed in the loop of g.
func (s *scheduler) mayJoin(v *ir.Value, g *group) bool {
	if g.pass != v.Pass || !slices.Equal(g.domain, domain(v)) || len(g.members) == maxOuts {
		return false
	}
	if g.kernel != nil && !ridesOn(v, g.kernel) {
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
		case need.after(g):
			return false
		}
	}
	return true
}

// ridesOn reports whether v can be an epilogue of a kernel. Partial results of a kernel that is
// split are no results yet, so only their sum can be mapped; and a plane of images folds along
// channels only when all are there.
func ridesOn(v, kernel *ir.Value) bool {
	if v.Op.Kind == ir.Map {
		return true
	}
	along1 := slices.Contains(v.Attrs.Ints("axes"), 1)
	return split(kernel) == 1 && (len(kernel.Type.Shape) == 2 || !along1)
}

// split returns of how many partial results the result of a kernel is the sum.
func split(kernel *ir.Value) int {
	if kernel.Op.Split == nil {
		return 1
	}
	return max(1, kernel.Op.Split(kernel.ArgTypes(), kernel.Type, kernel.Attrs))
}

// feeds reports whether v reads what g computes.
func (s *scheduler) feeds(g *group, v *ir.Value) bool {
	return slices.ContainsFunc(v.Args, func(a *ir.Value) bool { return s.owner[a] == g })
}

// smallLoop is the size of a domain, in elements, below which a loop costs less than the start of
// a step.
const smallLoop = 4096

// resembles reports whether v reads a tensor of the domain's size that g reads too, or belongs to
// the same layer and is small.
func (s *scheduler) resembles(v *ir.Value, g *group) bool {
	if v.Layer == g.members[0].Layer && g.domain.Elements() <= smallLoop {
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
