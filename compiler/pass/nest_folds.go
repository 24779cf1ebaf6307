package pass

import (
	"fmt"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// This file adds folds to a nest: where they are stored, and their sums.

// addFolds adds where the folds of the loop are stored. Where one runs across the pieces of axis 0,
// each piece stores a partial result.
func (n *nester) addFolds() {
	behind := 0
	for k := range n.loop.Outs {
		out := &n.loop.Outs[k]
		if out.Fold == "" {
			continue
		}
		f := plan.Fold{Result: k, Fold: out.Fold, Axes: out.Axes,
			Partial: n.step.Cuts[0].Pieces > 1 && slices.Contains(out.Axes, 0)}
		if f.Partial {
			behind += n.partialTargets(&f, out, behind)
		} else {
			f.Targets = []plan.Tensor{n.tensor(plan.Tensor{Operand: out.Operand})}
		}
		n.Folds = append(n.Folds, f)
	}
}

// partialTargets adds the places of a fold's partial results and returns how many numbers they take
// over all pieces.
func (n *nester) partialTargets(f *plan.Fold, out *plan.LoopOut, behind int) int {
	t := ir.Type{Shape: out.Type.Shape}
	elements, stats := t.Shape.Elements(), out.Stats()
	for j := range stats {
		f.Targets = append(f.Targets, n.tensor(plan.Tensor{Piece: stats * elements,
			Operand: plan.Operand{Buffer: n.step.Partial, At: behind + j*elements, Type: t,
				Name: out.Name}}))
	}
	return n.step.Cuts[0].Pieces * stats * elements
}

// addSums makes the accumulators of the folds.
func (n *nester) addSums() error {
	for i := range n.Folds {
		f := &n.Folds[i]
		f.Level = n.levelOf(f.Axes)
		switch f.Fold {
		case "max":
			f.Sum = n.sum(plan.Largest, f)
		case "var":
			f.Sum = n.sum(plan.Total, f)
			f.Squares = n.sum(plan.Squares, f)
		case "sum", "mean":
			f.Sum = n.sum(plan.Total, f)
		default:
			return fmt.Errorf("there are no sums for the fold %q", f.Fold)
		}
	}
	return nil
}

// levelOf returns the first axis of the nest that a fold runs along, or the number of axes if a
// task has one element only to fold.
func (n *nester) levelOf(axes []int) int {
	for i := range n.Axes {
		if slices.Contains(axes, n.Axes[i].Of()) && !n.Axes[i].Single() {
			return i
		}
	}
	return len(n.Axes)
}

// sum returns the number of an accumulator for a fold; folds of the same share it.
func (n *nester) sum(kind plan.SumKind, f *plan.Fold) int {
	s := plan.Sum{Kind: kind, Instr: n.Line.Result[f.Result], Level: f.Level, Size: 1, Param: -1,
		Stride: make([]int, len(n.Axes))}
	kept := n.Kept(f)
	slices.Reverse(kept)
	for _, i := range kept {
		count, _ := n.Axes[i].Count()
		if f.Level < n.Outer && n.Axes[i].Short() {
			count = n.Axes[i].Lanes() // an assembly kernel adds up whole blocks
		}
		s.Stride[i] = s.Size
		s.Size *= count
	}
	at := slices.IndexFunc(n.Sums, func(other plan.Sum) bool {
		return other.Kind == kind && other.Instr == s.Instr && other.Level == s.Level &&
			slices.Equal(other.Stride, s.Stride)
	})
	if at < 0 {
		at = len(n.Sums)
		n.Sums = append(n.Sums, s)
	}
	return at
}
