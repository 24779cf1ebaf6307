package pass

import (
	"fmt"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
)

// Nest turns the loops of a program whose buffers have places into nests, and adds the steps that
// combine partial results.
func Nest(p *plan.Program) error {
	var nests []*plan.Nest
	for _, s := range slices.Concat(p.Train, p.Update, p.Infer) {
		combine(s)
		for s := range s.WithCombine() {
			if s.Loop == nil || s.Split > 1 {
				continue
			}
			n, err := newNest(p, s)
			if err != nil {
				return fmt.Errorf("step %s (%s): %w", s.Name, s.Origin.Pos, err)
			}
			s.Nest = n
			nests = append(nests, n)
		}
	}
	shareCounts(nests)
	return nil
}

// nester makes the nest of a step's loop.
type nester struct {
	*plan.Nest
	step *plan.Step
	loop *plan.Loop
}

func newNest(p *plan.Program, s *plan.Step) (*plan.Nest, error) {
	n := &nester{&plan.Nest{Domain: s.Loop.Domain.Shape}, s, s.Loop}
	exprs := make([]*scalar.Expr, len(n.loop.Outs))
	var types []ir.Type
	for i, o := range n.loop.Outs {
		exprs[i] = o.Expr
		if o.Fold == "" {
			types = append(types, o.Type)
		}
	}
	for _, a := range n.loop.Args {
		types = append(types, n.located(a).Type)
	}
	n.Line = scalar.Linearize(exprs...)
	n.Axes = plan.Axes(n.loop.Domain, s.Cuts, types...)
	bordered := n.borderedType() != nil
	if !bordered {
		n.laneColumns(plan.Floats(p.Alignment))
	}
	n.addTensors()
	n.addIndices()
	n.addFolds()
	if !bordered {
		n.orderFolds()
	} else if err := n.byPlane(); err != nil {
		return nil, err
	}
	n.merge()
	n.Outer = n.outer()
	return n.Nest, n.addSums()
}

// located returns an argument with the place where it lies: the kernel's result lies in its buffer,
// or in that of the result that will replace it, or in memory of the task's own.
func (n *nester) located(a plan.Operand) plan.Tensor {
	if a.Buffer != nil {
		return plan.Tensor{Operand: a}
	}
	out := n.step.Result(0)
	a.Buffer, a.Type = out.Buffer, a.Type.With(out.Type.Layout)
	return plan.Tensor{Operand: a, Own: a.Buffer == nil}
}

// addTensors adds the results that are stored for every element, and the arguments.
func (n *nester) addTensors() {
	for i, o := range n.loop.Outs {
		if o.Fold != "" {
			continue
		}
		t := n.tensor(plan.Tensor{Operand: o.Operand})
		if o.Type.Layout.Halo != [2]int{} {
			t.Lead = t.Base // the function gets whole planes
		}
		n.Outs = append(n.Outs, plan.Out{Tensor: t, Result: i, Instr: n.Line.Result[i]})
	}
	for _, a := range n.loop.Args {
		n.Args = append(n.Args, n.tensor(n.located(a)))
	}
}

// tensor adds where the elements lie.
func (n *nester) tensor(t plan.Tensor) plan.Tensor {
	t.Access = plan.AccessOf(n.Axes, n.Domain, t.Type)
	t.Base += t.At
	return t
}

// addIndices adds what the expressions know of an element's position.
func (n *nester) addIndices() {
	n.Coords = make([]*plan.Access, len(n.Domain))
	for _, in := range n.Line.Code {
		switch {
		case in.Op == scalar.Rand && n.Index == nil:
			a := plan.NewAccess(n.Axes, 0, ir.Type{Shape: n.Domain}.Place().Stride, -1)
			n.Index = &a
		case in.Op == scalar.Coord && n.Coords[in.Index] == nil:
			stride := make([]int, len(n.Domain))
			stride[in.Index] = 1
			a := plan.NewAccess(n.Axes, 0, stride, -1)
			n.Coords[in.Index] = &a
		}
	}
}

// outer returns how many axes a task goes over itself: those of images and channels. Domains of few
// axes are the function's altogether.
func (n *nester) outer() int {
	if len(n.Domain) < 3 {
		return 0
	}
	i, last := 0, len(n.Axes)-1
	bordered := n.borderedType()
	planes := bordered != nil && plan.BlockOf(*bordered) < 0
	within := func(of int) bool { return bordered != nil && plan.WithinPixel(*bordered, of) }
	for i < last && n.Axes[i].Of() < 2 && !within(n.Axes[i].Of()) &&
		(n.Axes[i].Part() != plan.OverLanes || planes) && n.Axes[i].Inner == 1 {
		i++
	}
	if i > 0 && i == last && n.Axes[i].Part() == plan.OverLanes && bordered == nil {
		i-- // lanes alone are too little
	}
	return i
}
