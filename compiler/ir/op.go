package ir

import (
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/scalar"
)

// Kind says in which form an operation states what it computes.
type Kind uint8

// The kinds of operations.
const (
	Source    Kind = iota // a value from outside: the batch, parameters, running statistics
	View                  // the same elements under another shape
	Map                   // one expression per element; arguments of size 1 along an axis repeat
	Reduce                // an expression per element, folded along axes
	Kernel                // a loop of its own, given by a reference in plain Go
	Composite             // a combination of other operations, dissolved by the compiler
)

// Mode says what a graph is for. Batch norm and dropout differ between the two.
type Mode uint8

// The modes.
const (
	Train Mode = iota
	Infer
)

// Op is an operation: a row of the table that compiler/op lists. It says what is computed, once,
// in a form that every backend can print. Fields that a kind does not need are nil.
type Op struct {
	Name  string
	Kind  Kind
	Doc   string     // the formula, in one line
	Attrs []AttrSpec // in the order in which they are printed

	// Shape returns the type of the result, or an error that says what does not fit; the
	// message is read by users and begins where the operation's name ends.
	Shape func(args []Type, a Attrs) (Type, error)

	// Grad returns the gradients of the arguments given the result y and its gradient dy; nil
	// for an argument without one. A Map without a rule of its own is differentiated by its
	// body; a Composite without one after it is expanded.
	Grad func(b *Builder, y, dy *Value) []*Value

	// Body is the expression of a Map or Reduce.
	Body func(a Attrs) *scalar.Expr

	// Sign reports whether a Map's result is positive exactly where its only argument is. Nil means
	// that it is not.
	Sign func(a Attrs) bool

	// Ref computes a Kernel plainly, in row-major order. It is the definition.
	Ref func(out Tensor, in []Tensor, a Attrs)

	// Flops returns the multiplications and additions of a Kernel.
	Flops func(args []Type, out Type, a Attrs) int64

	// Expand builds a Composite from other operations and returns its result.
	Expand func(b *Builder, y *Value, mode Mode) *Value

	// Internal is an operation that only the compiler puts into graphs, behind all differentiation: a
	// gradient of another, or what stands for another. It has no gradient.
	Internal bool

	// Sample draws a random use of the operation, for tests.
	Sample func(r *rand.Rand) Sample

	// Known returns uses whose results are known, for tests: where exponentials overflow or vanish,
	// where a result is next to 1 or 0, at kinks. Nil means that samples say enough.
	Known func() []Known
}

// Table holds the operations by name.
type Table map[string]*Op

// Tensor is a plain row-major array, as references and the interpreter use it.
type Tensor struct {
	Shape Shape
	Data  []float64
}

// NewTensor returns a tensor of zeros.
func NewTensor(shape Shape) Tensor {
	return Tensor{Shape: shape, Data: make([]float64, shape.Elements())}
}

// Sample is a random use of an operation within its domain.
type Sample struct {
	Args  []SampleArg
	Attrs Attrs
}

// Known is a use of an operation that always has a finite result and finite gradients.
type Known struct {
	Sample
	Result []float64 // nil where it is not known
	DY     []float64 // the gradient of the result; nil means ones
	Grad   []float64 // the gradient of the first argument; nil where it is not known
}

// ArgTypes returns the types of the arguments.
func (s Sample) ArgTypes() []Type {
	types := make([]Type, len(s.Args))
	for i, a := range s.Args {
		types[i] = a.Type
	}
	return types
}

// SampleArg is an argument of a Sample.
type SampleArg struct {
	Type Type
	Draw func(r *rand.Rand) float64 // an element, clear of kinks of the operation
	Data bool                       // data: has no gradient (labels, running statistics)
}
