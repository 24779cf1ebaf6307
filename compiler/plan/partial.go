package plan

import (
	"slices"

	"github.com/gradc/gradc/compiler/ir"
)

// PartialSize returns the bytes that Partial must hold, 0 for a step without partial results.
//
// A kernel with Split > 1 keeps Split results, each as Kernel.Out lies without its border, of its
// own type. One piece of one of them is computed by task
//
//	(split·Cuts[0].Pieces + piece of axis 0)·Cuts[1].Pieces + piece of axis 1
//
// where split s covers the folded axis (of n) from s·n/Split to (s+1)·n/Split. Its epilogue, if it
// has one, runs when they are added up and folds nothing across pieces.
//
// A loop keeps, for every output that folds axis 0, the pieces' results in order: one number per
// element of the output for sum, mean (a sum) and max, two for var (the mean, and the sum of the
// squared deviations from it). No fold may go across the pieces of axis 1.
func (s *Step) PartialSize() int {
	if s.Kernel != nil && s.Split > 1 {
		return s.Split * bare(s.Kernel.Out.Type).Bytes()
	}
	if s.Loop == nil || s.Cuts[0].Pieces == 1 {
		return 0
	}
	size := 0
	for _, out := range s.Loop.Outs {
		if out.Fold != "" && slices.Contains(out.Axes, 0) {
			size += s.Cuts[0].Pieces * out.Stats() * out.Type.Shape.Elements() * ir.F32.Bytes()
		}
	}
	return size
}

// Stats returns how many numbers stand for one element of an output while it is being folded.
func (o *LoopOut) Stats() int {
	if o.Fold == "var" {
		return 2
	}
	return 1
}
