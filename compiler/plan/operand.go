package plan

import (
	"slices"

	"github.com/gradc/gradc/compiler/ir"
)

// Domain returns what the step's pieces are pieces of: the kernel's result or the loop's domain.
func (s *Step) Domain() ir.Type {
	if s.Kernel != nil {
		return s.Kernel.Out.Type
	}
	return s.Loop.Domain
}

// Blocks returns into how many pieces an axis of a tensor can be cut: its size, or the number of
// its blocks; 1 if there is no such axis.
func Blocks(t ir.Type, axis int) int {
	switch {
	case axis >= len(t.Shape):
		return 1
	case t.Place().Block == axis:
		return ir.Ceil(t.Shape[axis], t.Place().Lanes)
	}
	return t.Shape[axis]
}

// Reads returns the tensors that the step reads from buffers, each once.
func (s *Step) Reads() []Operand {
	var list []Operand
	if s.Kernel != nil {
		list = addOperands(list, s.Kernel.Args...)
	}
	if s.Loop != nil {
		list = addOperands(list, s.Loop.Args...)
	}
	return list
}

// Writes returns the tensors that the step stores in buffers, besides partial results.
func (s *Step) Writes() []Operand {
	var list []Operand
	if s.Kernel != nil {
		list = addOperands(list, s.Kernel.Out)
	}
	if s.Loop != nil {
		for _, o := range s.Loop.Outs {
			list = addOperands(list, o.Operand)
		}
	}
	return list
}

func addOperands(list []Operand, more ...Operand) []Operand {
	for _, o := range more {
		known := slices.ContainsFunc(list, func(l Operand) bool {
			return l.Buffer == o.Buffer && l.At == o.At && l.Type.Equal(o.Type)
		})
		if o.Buffer != nil && !known {
			list = append(list, o)
		}
	}
	return list
}

// WithinPixel reports whether an axis of images lies within a pixel, as that of channels does if they
// lie innermost: planes then have all of its elements.
func WithinPixel(t ir.Type, axis int) bool {
	if len(t.Shape) != 4 || axis > 1 {
		return false
	}
	p := t.Place()
	return axis != p.Block && p.Stride[axis] < p.Stride[3]
}
