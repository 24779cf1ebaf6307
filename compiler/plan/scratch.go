package plan

import "github.com/gradc/gradc/compiler/ir"

// Scratch returns the bytes of memory of its own that a task of the step needs while it runs: for
// its kernel's inner workings, and for the kernel's result, laid out like the whole one without its
// border and of its own type, where only the epilogue reads it and stores nothing in its place.
func (s *Step) Scratch() (kernel, result int) {
	k := s.Kernel
	if k == nil {
		return 0, 0
	}
	if s.Split > 1 || k.Out.Buffer != nil || s.InPlace() != nil {
		return s.Workspace, 0
	}
	return s.Workspace, pieceSize(bare(k.Out.Type), s.Piece())
}

// bare returns a type without a border and of the value's own elements.
func bare(t ir.Type) ir.Type { return t.With(ir.Layout{Order: t.Layout.Order}) }

// InPlace returns the result of the epilogue that replaces the kernel's, which nobody else reads:
// one that lies in the same order and whose elements are of the kernel's own type. It returns nil if
// there is none.
func (s *Step) InPlace() *LoopOut {
	if s.Kernel == nil || s.Kernel.Out.Buffer != nil || s.Split > 1 {
		return nil
	}
	for i := range s.Loop.Outs {
		o := &s.Loop.Outs[i]
		if o.Fold == "" && o.Type.Layout.Order == s.Kernel.Out.Type.Layout.Order &&
			o.Type.Layout.Storage == ir.F32 {
			return o
		}
	}
	return nil
}

// Piece returns the most elements of the axes 0 and 1 that a task covers.
func (s *Step) Piece() [2]int {
	return [2]int{s.Cuts[0].Most(), s.Cuts[1].Most()}
}

// pieceSize returns the bytes from the first to the last element of a piece of a tensor.
func pieceSize(t ir.Type, piece [2]int) int {
	p := t.Place()
	size := p.Size
	for axis := range min(2, len(t.Shape)) {
		covered := t.Shape[axis] - piece[axis]
		if axis == p.Block {
			covered = (t.Shape[axis]+p.Lanes-1)/p.Lanes - (piece[axis]+p.Lanes-1)/p.Lanes
		}
		if covered > 0 {
			size -= covered * p.Stride[axis]
		}
	}
	return size * t.Stored().Bytes()
}

// Scratch returns the most bytes of its own that any task needs.
func (p *Program) Scratch() int {
	most := 0
	for _, steps := range [][]*Step{p.Train, p.Update, p.Infer} {
		for _, s := range steps {
			kernel, result := s.Scratch()
			most = max(most, kernel+result)
		}
	}
	return most
}
