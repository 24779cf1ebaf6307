package pass

import (
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/target"
)

// sources knows the buffers of what the graphs of a program read from outside, and of what they
// store there.
type sources struct {
	program *plan.Program
	buffers map[string]*plan.Buffer // by operation and name of the source
	grads   map[string]*plan.Buffer // by name of the parameter
	old     map[*plan.Buffer]bool   // buffers that have contents before a program runs
}

// newSources lays out the blocks: parameters, gradients and states dense and in order.
func newSources(t *target.Target, train, update *ir.Graph) (*sources, error) {
	p := &plan.Program{Name: train.Name, Pos: train.Pos, Recipe: train.Recipe,
		Alignment: t.Alignment}
	s := &sources{p, map[string]*plan.Buffer{}, map[string]*plan.Buffer{}, map[*plan.Buffer]bool{}}
	for _, v := range train.Sources("input") {
		s.add(v, plan.Images, plan.Batch)
		p.Input = v.Type.Shape
	}
	for _, v := range train.Sources("labels") {
		s.add(v, plan.Labels, plan.Batch)
	}
	for _, v := range train.Sources("param") {
		b := s.add(v, plan.Params, plan.Parameter)
		p.Params = append(p.Params, &plan.Param{Name: v.Name, Source: v, Buffer: b})
		grad := &plan.Buffer{Name: "d." + v.Name, Kind: plan.Gradient}
		s.grads[v.Name] = s.place(grad, plan.Grads, b.Size)
	}
	for _, v := range train.Sources("state") {
		b := s.add(v, plan.States, plan.Statistic)
		p.States = append(p.States, &plan.Param{Name: v.Name, Source: v, Buffer: b})
	}
	if logits := train.Output("logits"); logits != nil && len(logits.Type.Shape) == 2 {
		p.Classes = logits.Type.Shape[1]
	}
	for _, grad := range train.Gradients {
		if s.grads[grad.Target.Name] == nil {
			return nil, grad.Value.Errorf("is the gradient of %s, which is not a parameter",
				grad.Target.Name)
		}
	}
	if update == nil {
		return s, nil
	}
	return s, s.addBlocks(update)
}

// addBlocks adds the sources of the optimizer's graph: the blocks as a whole, and its numbers.
func (s *sources) addBlocks(update *ir.Graph) error {
	p := s.program
	for _, v := range update.Sources("block") {
		n := v.Type.Bytes()
		if n != p.Size[plan.Params] {
			return v.Errorf("has %d bytes, the parameters have %d", n, p.Size[plan.Params])
		}
		b := &plan.Buffer{Name: v.Name, Size: n, Kind: plan.Block}
		switch role := v.Attrs.Str("role"); role {
		case "params":
			b.Space = plan.Params
		case "grads":
			b.Space = plan.Grads
		default:
			b.Kind = plan.State
			s.place(b, plan.Moments, n)
			p.Moments = append(p.Moments, role)
		}
		s.know(v, b)
	}
	for _, v := range update.Sources("scalar") {
		s.add(v, plan.Scalars, plan.Number)
		p.Scalars = append(p.Scalars, v.Name)
	}
	return nil
}

// add makes a buffer for a source behind what its space holds already.
func (s *sources) add(v *ir.Value, space plan.Space, kind plan.Kind) *plan.Buffer {
	b := &plan.Buffer{Name: v.Name, Kind: kind}
	s.know(v, s.place(b, space, v.Type.Bytes()))
	return b
}

// place puts a buffer behind what its space holds already.
func (s *sources) place(b *plan.Buffer, space plan.Space, size int) *plan.Buffer {
	b.Space, b.Offset, b.Size = space, s.program.Size[space], size
	s.program.Size[space] += size
	return b
}

// know makes b the buffer of the source v, and of sources of that name in other graphs.
func (s *sources) know(v *ir.Value, b *plan.Buffer) {
	s.buffers[key(v)] = b
	s.old[b] = true
}

// covers reports a source of g that has no buffer.
func (s *sources) covers(g *ir.Graph) error {
	for _, v := range g.Values {
		if v.Op.Kind == ir.Source && s.bufferOf(v) == nil {
			return v.Errorf("is not a source of the training graph")
		}
	}
	return nil
}

func key(v *ir.Value) string { return v.Op.Name + " " + v.Name }

func (s *sources) bufferOf(v *ir.Value) *plan.Buffer { return s.buffers[key(v)] }

func (s *sources) gradientOf(param *ir.Value) *plan.Buffer { return s.grads[param.Name] }

// all returns the buffers of all spaces but the arena, in order.
func (s *sources) all() []*plan.Buffer {
	var list []*plan.Buffer
	for _, buffers := range []map[string]*plan.Buffer{s.buffers, s.grads} {
		for _, b := range buffers {
			list = append(list, b)
		}
	}
	slices.SortFunc(list, inOrder)
	return list
}
