package op

import "github.com/gradc/gradc/compiler/ir"

// source returns an operation without arguments whose shape is an attribute.
func source(name, doc string, dtype ir.DType, attrs ...ir.AttrSpec) *ir.Op {
	return &ir.Op{
		Name: name, Kind: ir.Source, Doc: doc,
		Attrs: append([]ir.AttrSpec{{Name: "shape", Kind: ir.Ints}}, attrs...),
		Shape: func(_ []ir.Type, a ir.Attrs) (ir.Type, error) {
			return ir.Type{DType: dtype, Shape: a.Ints("shape")}, nil
		},
	}
}

func input() *ir.Op { return source("input", "the batch of images", ir.F32) }

func labels() *ir.Op { return source("labels", "the batch's classes", ir.I32) }

// param is trained. init is one of zeros, ones, he_normal, he_uniform, xavier_normal and
// xavier_uniform; fan_in and fan_out are the sizes these formulas use, gain scales them.
func param() *ir.Op {
	return source("param", "a trained tensor", ir.F32,
		ir.AttrSpec{Name: "init", Kind: ir.String}, ir.AttrSpec{Name: "fan_in", Kind: ir.Int},
		ir.AttrSpec{Name: "fan_out", Kind: ir.Int}, ir.AttrSpec{Name: "gain", Kind: ir.Float})
}

// state is kept from step to step and saved with the weights, but not trained.
func state() *ir.Op {
	return source("state", "a running statistic", ir.F32, ir.AttrSpec{Name: "init", Kind: ir.Float})
}

// block is a whole block of memory, as the optimizer sees it: role params, grads or the name of
// one of the optimizer's states.
func block() *ir.Op {
	return source("block", "a block of memory", ir.F32, ir.AttrSpec{Name: "role", Kind: ir.String})
}

// scalarSource is a number that the host sets before each step, such as the learning rate; the
// value's name says which.
func scalarSource() *ir.Op { return source("scalar", "a number of the step", ir.F32) }
