// Package target says what a kind of machine prefers, as values that passes read: how the operands
// of a kernel lie, how its result is cut into tasks, how much memory of its own a task needs, what a
// kernel is rewritten to, and what things cost. Passes name neither a target nor an operation.
package target

import "github.com/gradc/gradc/compiler/ir"

// Target is a kind of machine that programs are planned for.
type Target struct {
	Name      string
	Orders    []ir.Order // that kernels may ask for, besides row-major
	Alignment int        // in bytes: buffers begin with a whole line of the cache
	Costs     Costs
	Kernels   map[string]Kernel // by operation
}

// Kernel is how a target wants an operation that has a loop of its own. Fields may be nil.
type Kernel struct {
	// Layouts returns how the arguments must lie, with borders at least as wide, and how the result
	// lies. Nil means row-major.
	Layouts func(u Use) (in []ir.Layout, result ir.Layout)

	// Grid returns how the result is cut into tasks. It must not depend on the number of threads, so
	// that no result does. Nil means that Costs alone decide.
	Grid func(u Use) Grid

	// Workspace returns the bytes of memory of its own that a task needs which covers at most some
	// elements of the axes 0 and 1. Nil means none.
	Workspace func(u Use, piece [2]int) int

	// Rewrite builds what yields the same as the value v in less time, and returns it; nil if there
	// is nothing. Nil for what is never replaced.
	Rewrite func(b *ir.Builder, v *ir.Value) *ir.Value
}

// Use is one use of an operation.
type Use struct {
	Args  []ir.Type
	Out   ir.Type
	Attrs ir.Attrs
}

// UseOf returns the use that a value is.
func UseOf(v *ir.Value) Use { return Use{v.ArgTypes(), v.Type, v.Attrs} }

// Grid is how the result of a kernel is cut into tasks.
type Grid struct {
	// Least is how many elements of the axes 0 and 1 a task should have at least, for it begins with
	// work that does not depend on how many they are. Zeros mean that Costs decide.
	Least [2]int

	// Unit is how many elements of the axes 0 and 1 no task divides. Zeros mean 1.
	Unit [2]int

	// Split is of how many partial results over the inner axis, for gradients of weights the batch,
	// the result is the sum. 0 means 1.
	Split int
}

// Layouts returns how a use of an operation wants its arguments, and how its result lies.
func (t *Target) Layouts(op *ir.Op, u Use) (in []ir.Layout, result ir.Layout) {
	if row := t.Kernels[op.Name]; row.Layouts != nil {
		return row.Layouts(u)
	}
	return make([]ir.Layout, len(u.Args)), ir.Layout{}
}

// Grid returns how the result of a use of an operation is cut.
func (t *Target) Grid(op *ir.Op, u Use) Grid {
	var g Grid
	if row := t.Kernels[op.Name]; row.Grid != nil {
		g = row.Grid(u)
	}
	g.Split = max(1, g.Split)
	return g
}

// Workspace returns the bytes of its own that a task of a use of an operation needs.
func (t *Target) Workspace(op *ir.Op, u Use, piece [2]int) int {
	if row := t.Kernels[op.Name]; row.Workspace != nil {
		return row.Workspace(u, piece)
	}
	return 0
}
