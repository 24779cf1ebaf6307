package pass

import (
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
	"github.com/gradc/gradc/compiler/target"
)

// Schedule turns the laid-out graphs of a network into the steps of a program, in an order that
// keeps little alive at a time. Its buffers have no places yet; see Memory. Each graph but train
// may be nil.
//
// A kernel is a step; maps and reductions become loops. Loops over the same domain that read the
// same tensors are one step, and those that read a kernel's result ride as its epilogue.
func Schedule(t *target.Target, train, update, infer *ir.Graph) (*plan.Program, error) {
	src, err := newSources(t, train, update)
	if err != nil {
		return nil, err
	}
	p := src.program
	p.Buffers = src.all()
	names := map[string]bool{}
	for _, part := range []struct {
		graph   *ir.Graph
		steps   *[]*plan.Step
		outputs *[]plan.Output
		infer   bool
	}{
		{train, &p.Train, &p.TrainOutputs, false},
		{update, &p.Update, nil, false},
		{infer, &p.Infer, &p.InferOutputs, true},
	} {
		if part.graph == nil {
			continue
		}
		if err := src.covers(part.graph); err != nil {
			return nil, err
		}
		s := newScheduler(t, part.graph, src, part.infer)
		if *part.steps, err = s.schedule(names); err != nil {
			return nil, err
		}
		for _, o := range part.graph.Outputs {
			*part.outputs = append(*part.outputs, plan.Output{Name: o.Name, Operand: s.operand(o.Value)})
		}
	}
	return p, nil
}

// scheduler makes the steps of one graph.
type scheduler struct {
	target *target.Target
	graph  *ir.Graph
	src    *sources
	infer  bool
	users  map[*ir.Value][]*ir.Value
	leaves map[*ir.Value]bool // values whose memory is read from outside the graph
	groups []*group
	owner  map[*ir.Value]*group // of the values that are computed

	home    map[*ir.Value]*plan.Buffer // places that gradients and updates are stored at
	buffers map[*ir.Value]*plan.Buffer
}

func newScheduler(t *target.Target, g *ir.Graph, src *sources, infer bool) *scheduler {
	s := &scheduler{target: t, graph: g, src: src, infer: infer, users: g.Users(),
		leaves: map[*ir.Value]bool{}, owner: map[*ir.Value]*group{},
		home: map[*ir.Value]*plan.Buffer{}, buffers: map[*ir.Value]*plan.Buffer{}}
	for _, root := range g.Roots() {
		s.leaves[storage(root)] = true
	}
	for _, a := range g.Gradients {
		s.home[storage(a.Value)] = src.gradientOf(a.Target)
	}
	for _, a := range g.Updates {
		s.home[storage(a.Value)] = src.bufferOf(a.Target)
	}
	return s
}

// schedule returns the steps in the order in which they run.
func (s *scheduler) schedule(names map[string]bool) ([]*plan.Step, error) {
	s.merge()
	steps := make([]*plan.Step, len(s.groups))
	for i, g := range s.groups {
		steps[i] = s.step(g)
	}
	kept := map[*plan.Buffer]bool{}
	for _, o := range s.graph.Outputs {
		kept[s.bufferOf(o.Value)] = true
	}
	steps, err := order(s.src.program, steps, s.src.old, kept)
	if err != nil {
		return nil, err
	}
	for _, step := range steps {
		step.Name = stepName(step, s.infer, names)
		if step.Partial != nil {
			step.Partial.Name = step.Name + ".partial"
		}
	}
	return steps, nil
}

// step makes the step of a group.
func (s *scheduler) step(g *group) *plan.Step {
	step := &plan.Step{Split: 1, Values: g.values()}
	if g.kernel != nil {
		step.Kernel = s.kernel(g)
		step.Split = s.split(g.kernel)
	}
	if len(g.members) > 0 {
		step.Loop = s.loop(g)
	}
	step.Origin = principal(step).Origin
	step.Flops, step.Bytes = flops(step), bytes(step)
	step.Cuts = s.cuts(step)
	s.workspace(step)
	return step
}

// workspace gives a step what it needs besides its operands.
func (s *scheduler) workspace(step *plan.Step) {
	if k := step.Kernel; k != nil {
		step.Workspace = s.target.Workspace(k.Op, useOf(k), step.Piece())
	}
	if n := step.PartialSize(); n > 0 {
		step.Partial = &plan.Buffer{Size: n, Infer: s.infer, Kind: plan.Workspace}
	}
}

func (s *scheduler) kernel(g *group) *plan.Kernel {
	v := g.kernel
	k := &plan.Kernel{Op: v.Op, Attrs: v.Attrs, Out: plan.Operand{Type: v.Type, Name: v.Name}}
	for _, a := range v.Args {
		k.Args = append(k.Args, s.operand(a))
	}
	wants, yields := s.target.Layouts(v.Op, target.UseOf(v))
	k.Wants, k.Yields = wants, yields.Borderless()
	k.Units = s.target.Grid(v.Op, target.UseOf(v)).Unit
	if s.stored(v, g) {
		k.Out = s.operand(v)
	}
	return k
}

// stored reports whether the value v of group g is needed outside of it.
func (s *scheduler) stored(v *ir.Value, g *group) bool {
	return s.leaves[v] || slices.ContainsFunc(s.users[v], func(user *ir.Value) bool {
		return s.owner[user] != g
	})
}

// loop puts the members of a group into one loop. Where one reads another, it gets the other's
// expression, so that none waits for what a member stores.
func (s *scheduler) loop(g *group) *plan.Loop {
	l := &plan.Loop{}
	var args []*ir.Value
	exprs := map[*ir.Value]*scalar.Expr{}
	for _, v := range g.members {
		inputs := make([]*scalar.Expr, len(v.Args))
		for i, a := range v.Args {
			if e := exprs[a]; e != nil {
				inputs[i] = e
				continue
			}
			at := slices.Index(args, a)
			if at < 0 {
				at = len(args)
				args = append(args, a)
				l.Args = append(l.Args, s.argument(a, g))
			}
			inputs[i] = scalar.X(at)
		}
		out := result(v, scalar.Subst(v.Body(), inputs))
		if out.Fold == "" {
			exprs[v] = out.Expr
		}
		if s.stored(v, g) {
			out.Operand = s.operand(v)
			l.Outs = append(l.Outs, out)
		}
	}
	dropUnread(l)
	l.Domain = ir.Type{Shape: g.domain, Layout: ir.Layout{Order: follow(g, l)}}
	return l
}

// result returns what a loop computes for v, of which e is the expression. A fold along axes of
// size 1 is none.
func result(v *ir.Value, e *scalar.Expr) plan.LoopOut {
	out := plan.LoopOut{Expr: e}
	if v.Op.Kind != ir.Reduce {
		return out
	}
	fold, shape := v.Attrs.Str("fold"), domain(v)
	for _, axis := range v.Attrs.Ints("axes") {
		if shape[axis] > 1 {
			out.Fold, out.Axes = fold, append(out.Axes, axis)
		}
	}
	if out.Fold == "" && fold == "var" {
		out.Expr = scalar.C(0)
	}
	return out
}

// argument is an operand of the loop of g; the result of g's own kernel is read where it is made.
func (s *scheduler) argument(v *ir.Value, g *group) plan.Operand {
	if v == g.kernel {
		return plan.Operand{Type: v.Type, Name: v.Name}
	}
	return s.operand(v)
}

// dropUnread removes arguments that no result reads, because members that do are not stored.
func dropUnread(l *plan.Loop) {
	var args []plan.Operand
	inputs := make([]*scalar.Expr, len(l.Args))
	for i, a := range l.Args {
		read := slices.ContainsFunc(l.Outs, func(o plan.LoopOut) bool { return o.Expr.Reads(i) })
		if read {
			inputs[i] = scalar.X(len(args))
			args = append(args, a)
		}
	}
	if len(args) == len(l.Args) {
		return
	}
	for k := range l.Outs {
		l.Outs[k].Expr = scalar.Subst(l.Outs[k].Expr, inputs)
	}
	l.Args = args
}

// follow returns the order in which a loop runs: that of the kernel it rides on, else the first
// blocked one among the results and arguments that are as large as the domain.
func follow(g *group, l *plan.Loop) ir.Order {
	if g.kernel != nil {
		return g.kernel.Type.Layout.Order
	}
	for _, o := range l.Outs {
		if o.Fold == "" && o.Type.Layout.Order != ir.RowMajor {
			return o.Type.Layout.Order
		}
	}
	for _, a := range l.Args {
		if a.Type.Layout.Order != ir.RowMajor && slices.Equal(a.Type.Shape, g.domain) {
			return a.Type.Layout.Order
		}
	}
	return ir.RowMajor
}

// operand returns the tensor v in the buffer it lies in.
func (s *scheduler) operand(v *ir.Value) plan.Operand {
	return plan.Operand{Buffer: s.bufferOf(v), Type: v.Type, Name: v.Name}
}

// bufferOf returns the buffer that v lies in.
func (s *scheduler) bufferOf(v *ir.Value) *plan.Buffer {
	v = storage(v)
	switch {
	case v.Op.Kind == ir.Source:
		return s.src.bufferOf(v)
	case s.home[v] != nil:
		return s.home[v]
	case s.buffers[v] == nil:
		s.buffers[v] = &plan.Buffer{Name: v.Name, Size: v.Type.Bytes(), Infer: s.infer,
			Kind: kindOf(v)}
	}
	return s.buffers[v]
}

// kindOf says what a computed value is for.
func kindOf(v *ir.Value) plan.Kind {
	switch {
	case v.Op.Kind == ir.Map && v.Body().Op == scalar.In && v.Type.Layout != v.Args[0].Type.Layout:
		return plan.Conversion
	case v.Pass == ir.Backward:
		return plan.Gradient
	}
	return plan.Activation
}
