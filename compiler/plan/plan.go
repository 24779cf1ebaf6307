// Package plan is what a compiled network looks like to an emitter: steps in order over buffers
// at fixed places. Everything is decided here; emitters only print.
package plan

import (
	"iter"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// Program is one network, ready to be printed for one target.
type Program struct {
	Name    string
	Pos     string // file:line of the DSL func
	Recipe  ir.Recipe
	Input   ir.Shape // of the batch of images: [batch, channels, height, width]
	Classes int

	Train  []*Step // forward, then backward
	Update []*Step // the optimizer
	Infer  []*Step // evaluation

	Alignment int // of buffers in the arena, in bytes

	Buffers []*Buffer   // in order of their space, then of their offset
	Size    [Spaces]int // bytes in each space

	Params  []*Param // in the order of the parameter block
	States  []*Param // running statistics, in the order of the state block
	Moments []string // the optimizer's states, each as long as the parameter block
	Scalars []string // the optimizer's numbers per step: learning_rate, correction1, …

	TrainOutputs, InferOutputs []Output
}

// Steps returns the steps that lifetimes of buffers count: those of training with the optimizer's
// behind them, or those of evaluation.
func (p *Program) Steps(infer bool) []*Step {
	if infer {
		return p.Infer
	}
	return slices.Concat(p.Train, p.Update)
}

// Param is a parameter or a running statistic.
type Param struct {
	Name   string // as in checkpoints: conv1.weight
	Source *ir.Value
	Buffer *Buffer
}

// Output is a result by name: loss, logits, losses.
type Output struct {
	Name string
	Operand
}

// Space is a block of memory that buffers lie in.
type Space uint8

// The spaces.
const (
	Arena   Space = iota // activations, gradients of them, workspaces: shared by lifetime
	Images               // the batch, row-major
	Labels               // the batch's classes, int32
	Params               // all parameters
	Grads                // their gradients, in the same order
	Moments              // the optimizer's states, one parameter block after the other
	States               // running statistics
	Scalars              // the optimizer's numbers of one step
	Spaces  = iota
)

var spaceNames = [Spaces]string{"arena", "images", "labels", "params", "grads", "moments",
	"states", "scalars"}

// String returns the name of the space.
func (s Space) String() string { return spaceNames[s] }

// Buffer is a range of a space.
type Buffer struct {
	Name   string // of the value it was made for
	Space  Space
	Offset int  // in bytes
	Size   int  // in bytes, padding and border included
	First  int  // step that writes it first; see Program.Steps for how they are counted
	Last   int  // step that reads it last; the number of steps if it is an output
	Infer  bool // lives in the Infer steps, which share the arena with the others
	Kind   Kind
}

// Floats returns how many elements of f32 or i32 some bytes hold, for emitters whose memory is slices
// of these.
func Floats(bytes int) int { return bytes / ir.F32.Bytes() }

// Operand is a tensor in a buffer.
type Operand struct {
	Buffer *Buffer // nil for the result of the kernel whose epilogue reads it
	At     int     // where in the buffer its memory begins, in elements; not 0 for partial results only
	Type   ir.Type
	Name   string // of the value
}

// Step is one parallel step: tasks that do not depend on each other, and a barrier behind them.
type Step struct {
	Name   string // unique in the program: conv1.forward
	Origin ir.Origin
	Values []*ir.Value // what it computes, for the reader
	Kernel *Kernel     // nil for a loop alone
	Loop   *Loop       // nil for a kernel alone; with a Kernel, its epilogue
	Nest   *Nest       // the Loop in full, unless that waits for the sum of a Split

	// Cuts divides the axes 0 and 1 of the step's domain: task t covers piece t/Cuts[1].Pieces of
	// axis 0 and piece t%Cuts[1].Pieces of axis 1.
	Cuts [2]Cut

	// Partial holds one partial result per piece of axis 0 where a fold runs across them, or one
	// per Split of a kernel; see PartialSize. Nil where there is none. Combine is the step behind
	// this one that combines them in order: the sum of a Split with the epilogue, as a Loop, or
	// Combines. Lifetimes of buffers count the two as one.
	Partial  *Buffer
	Split    int // of a kernel's folded axis (the batch); 1 without partial results
	Combine  *Step
	Combines []Combine // of a step that combines folds, in one task

	Workspace int // bytes of its own that a task needs for the kernel's inner workings

	Flops int64
	Bytes int64 // read and written, each operand once
}

// Tasks returns the number of tasks.
func (s *Step) Tasks() int { return s.Cuts[0].Pieces * s.Cuts[1].Pieces * max(1, s.Split) }

// Task returns what a task covers: a part of a split, and a piece of each of the axes 0 and 1.
func (s *Step) Task(task int) (split int, piece [2]int) {
	first, second := s.Cuts[0].Pieces, s.Cuts[1].Pieces
	return task / second / first, [2]int{task / second % first, task % second}
}

// WithCombine ranges over the step and the one that combines its partial results.
func (s *Step) WithCombine() iter.Seq[*Step] {
	return func(yield func(*Step) bool) {
		if yield(s) && s.Combine != nil {
			yield(s.Combine)
		}
	}
}

// Kernel is a use of an operation that has a loop of its own.
type Kernel struct {
	Op    *ir.Op
	Attrs ir.Attrs
	Args  []Operand
	Wants []ir.Layout // how the arguments must lie, with borders at least as wide
	Out   Operand     // Buffer is nil if only the epilogue reads it

	Yields ir.Layout // how the result lies, borderless
	Units  [2]int    // elements of the axes 0 and 1 that it does not divide; 0 means 1
}

// Loop computes expressions for every element of a domain.
//
// A result may lie in the buffer of an argument of the same type: all arguments of an element are
// read before its results are stored. Who stores a tensor with a halo stores zeros into the halo.
//
// Expressions compute with what arguments hold as floats, whatever the type in which they are stored;
// results are rounded to theirs when they are stored. So is a kernel's result, before its epilogue
// reads it there; what has no buffer is of its own type.
type Loop struct {
	Domain ir.Type   // shape, and the layout that the loop follows
	Args   []Operand // In(i) of the expressions; sizes of 1 repeat along the domain
	Outs   []LoopOut
}

// LoopOut is one result of a loop: stored per element, or folded along axes.
type LoopOut struct {
	Operand
	Expr *scalar.Expr
	Fold string // empty, or sum, mean, var, max
	Axes []int  // folded
}
