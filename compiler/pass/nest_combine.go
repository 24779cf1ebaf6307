package pass

import (
	"fmt"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
)

// This file adds the steps that combine partial results, each behind the step that leaves them.

// combine gives a step with partial results one that combines them.
func combine(s *plan.Step) {
	switch {
	case s.Partial == nil:
		s.Combine = nil
	case s.Split > 1:
		s.Combine = sumOfSplit(s)
	default:
		s.Combine = combineFolds(s)
	}
}

// sumOfSplit returns the sum of the partial results of a kernel, and its epilogue.
func sumOfSplit(s *plan.Step) *plan.Step {
	out := s.Kernel.Out
	l := &plan.Loop{Domain: out.Type}
	t := out.Type.With(ir.Layout{Order: out.Type.Layout.Order})
	total := scalar.X(0)
	for i := range s.Split {
		l.Args = append(l.Args, plan.Operand{Buffer: s.Partial, At: i * t.Place().Size, Type: t,
			Name: fmt.Sprint("part", i)})
		if i > 0 {
			total = scalar.Sum(total, scalar.X(i))
		}
	}
	if out.Buffer != nil {
		l.Outs = append(l.Outs, plan.LoopOut{Operand: out, Expr: total})
	}
	if s.Loop != nil {
		addEpilogue(l, s.Loop, total)
	}
	elements := out.Type.Shape.Elements()
	return &plan.Step{Name: s.Name + ".sum", Origin: s.Origin, Loop: l, Cuts: s.Cuts, Split: 1,
		Flops: int64(s.Split * elements), Bytes: int64(4 * (s.Split + 1) * elements)}
}

// addEpilogue appends the results of an epilogue to l, with the kernel's result replaced by total.
func addEpilogue(l, epilogue *plan.Loop, total *scalar.Expr) {
	inputs := make([]*scalar.Expr, len(epilogue.Args))
	for i, a := range epilogue.Args {
		if a.Buffer == nil {
			inputs[i] = total
			continue
		}
		inputs[i] = scalar.X(len(l.Args))
		l.Args = append(l.Args, a)
	}
	for _, o := range epilogue.Outs {
		o.Expr = scalar.Subst(o.Expr, inputs)
		l.Outs = append(l.Outs, o)
	}
}

// combineFolds returns how the partial results of folds make their results, in one task.
func combineFolds(s *plan.Step) *plan.Step {
	c := &plan.Step{Name: s.Name + ".combine", Origin: s.Origin, Split: 1,
		Cuts: [2]plan.Cut{{Size: 1, Unit: 1, Pieces: 1}, {Size: 1, Unit: 1, Pieces: 1}}}
	behind := 0
	for i := range s.Loop.Outs {
		o := &s.Loop.Outs[i]
		if o.Fold == "" || !slices.Contains(o.Axes, 0) {
			continue
		}
		folded := 1
		for _, axis := range o.Axes {
			folded *= s.Loop.Domain.Shape[axis]
		}
		part := plan.Operand{Buffer: s.Partial, At: behind, Name: o.Name,
			Type: ir.Type{Shape: o.Type.Shape}}
		cut := s.Cuts[0]
		c.Combines = append(c.Combines, plan.Combine{Fold: o.Fold, Out: o.Operand, Parts: part,
			Stats: o.Stats(), Cut: cut, Each: folded / cut.Size})
		elements := o.Type.Shape.Elements()
		behind += cut.Pieces * o.Stats() * elements
		c.Flops += int64(elements) * (combineFlops[o.Fold]*int64(cut.Pieces) + 1)
	}
	c.Bytes = 4 * int64(behind)
	return c
}

// combineFlops is the arithmetic that a partial result of a fold takes; see plan.Combine.
var combineFlops = map[string]int64{"sum": 1, "mean": 1, "max": 1, "var": 11}
