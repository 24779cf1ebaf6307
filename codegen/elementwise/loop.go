// Package elementwise describes functions that compute expressions over tensors, so plainly that
// two emitters print functions that do the same, to the bit.
package elementwise

import (
	"fmt"
	"slices"

	"github.com/gradc/gradc/compiler/scalar"
)

// Loop is a function that computes a line of scalar code for every element of a nest of loops, in
// order. All arguments of an element are read before its results are stored. Arithmetic is that of
// float32, each operation rounded; sums are of float64.
type Loop struct {
	Params []Param
	Axes   []Axis // outermost first
	Line   scalar.Line
	Args   []Tensor // the elements that the instructions In(i) read
	Outs   []Out    // stored for every element
	Sums   []Sum
	Folds  []Fold

	Elements int // of all calls together
	Work     Work
}

// Work is what the step does that a loop belongs to.
type Work struct {
	Flops, Bytes int64 // operations, and what is read and written
	Tasks        int
	Infer        bool // it is of the evaluation, not of a training step
}

// Param is a parameter of the function: []float32 or []int32 for a tensor, float32 for a tensor of
// which the function sees one element, int for a count, a pointer to an array for a Sum.
type Param struct{ Name, Type string }

// Axis is one loop.
type Axis struct {
	Count int // iterations; if Param is set, the most of any call
	Param int // the parameter that holds the count, or -1

	Multiple int // of which the count in Param is a positive multiple; 0 if it may be any

	// Lanes marks the last axis if it is the lanes of a block that may not be full. In the lanes
	// behind its iterations, up to the end of the block, Padded results and accumulators of the
	// caller may get any contents; other tensors are not touched there.
	Lanes bool
}

// Tensor is an operand: its element lies Base + Σ i·Stride behind the beginning of the parameter,
// summed over the axes.
type Tensor struct {
	Param  int
	Base   int
	Stride []int // by axis
	Padded bool  // there is memory for a whole block of an axis of Lanes
}

// Out is a result that is stored for every element.
type Out struct {
	Tensor
	Instr  int // of the line
	Border Border
}

// Border is what a function sets to zeros around a plane of images that a result is stored to.
// The plane with its border begins where the parameter does.
type Border struct {
	Rows, Columns int // of the plane
	Top, Left     int // of the border, on both sides
	Lanes         int // of a pixel
}

// Kind says what an accumulator holds.
type Kind string

// The kinds of accumulators.
const (
	Total   Kind = "sum"     // Σ x, as float64
	Squares Kind = "squares" // Σ x², as float64
	Largest Kind = "max"     // the largest x, a NaN if there was one
)

// Sum is an accumulator with one element for each iteration of some of the axes.
type Sum struct {
	Kind   Kind
	Instr  int   // what is accumulated
	Level  int   // the axis around whose loop it is open; -1 if the caller opens and closes it
	Param  int   // where the caller's lies, or -1
	Stride []int // by axis
}

// Fold is a result that is made of sums when their loop is done: with n the number of elements,
//
//	sum:  Σx                              max: the maximum
//	mean: Σx/n                            partial mean: Σx
//	var:  max(0, Σx² - Σx·(Σx/n))/n       partial var: Σx/n, and max(0, Σx² - Σx·(Σx/n))
type Fold struct {
	Fold    string // sum, mean, var or max
	Partial bool   // of one of several pieces
	Count   int
	Counted bool // n is the Count times the iterations of the first axis
	Sum     int  // by number; for max the maximum
	Squares int  // for var
	Targets []Tensor
}

// Key returns a text that two loops share if their functions differ in nothing but names.
func (l Loop) Key() string {
	types := make([]string, len(l.Params))
	for i, p := range l.Params {
		types[i] = p.Type
	}
	code := make([]string, len(l.Line.Code))
	for i, in := range l.Line.Code {
		code[i] = fmt.Sprint(in.Op, scalar.FormatNumber(in.Value), in.Index, in.Args)
	}
	axes := slices.Clone(l.Axes)
	for i := range axes {
		if axes[i].Param >= 0 {
			axes[i].Count = 0
		}
	}
	return fmt.Sprint(types, axes, code, l.Args, l.Outs, l.Sums, l.Folds)
}
