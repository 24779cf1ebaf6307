package plan

import (
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// Nest is a loop in full: what a task computes and in which order, to the last sum.
//
// For every iteration of the axes, in order, the elements of all arguments are read, then the
// results are stored, then sums are added to. Arithmetic is that of float32, each operation
// rounded; sums are of float64. A task covers its pieces of the axes that are cut.
type Nest struct {
	Domain ir.Shape
	Axes   []Axis // outermost first

	// Outer is how many of the axes, the outermost, a task goes over itself; what lies within is a
	// function that it calls. Functions that do the same are one; see Function.
	Outer int

	Line   scalar.Line
	Args   []Tensor // In(i) of the line
	Outs   []Out    // stored for every element
	Sums   []Sum
	Folds  []Fold
	Index  *Access   // the element's index in row-major order, nil if no random number is drawn
	Coords []*Access // by axis of the domain: the coordinate, nil if it is not read
}

// Tensor is an operand of a nest.
type Tensor struct {
	Operand
	Access
	Lead  int  // from where the function's part begins to its first element: a plane's border
	Piece int  // from the memory of a piece of axis 0 to that of the next, for partial results
	Own   bool // it lies in memory of the task's own, which holds the task's piece only
}

// Out is a result that is stored for every element. A border around its planes is set to zeros by
// who stores them, before anything else.
type Out struct {
	Tensor
	Result int // of the loop, by number
	Instr  int // of the line
}

// Border returns how wide the border is, in rows and columns.
func (o *Out) Border() [2]int { return o.Type.Layout.Halo }

// SumKind says what an accumulator holds.
type SumKind string

// The kinds of accumulators.
const (
	Total   SumKind = "sum"     // Σ x, as float64
	Squares SumKind = "squares" // Σ x², as float64
	Largest SumKind = "max"     // the largest x, a NaN if there was one
)

// Sum is an accumulator with one element for each iteration of some of the axes within its Level.
type Sum struct {
	Kind   SumKind
	Instr  int   // what is accumulated
	Level  int   // the axis around whose loop it is open; the number of axes if it has one element only
	Size   int   // elements
	Stride []int // by axis
	Param  int   // of a Function: where the caller's lies, or -1
}

// Fold is a result that is made of sums when their loop is done: with n the number of elements,
//
//	sum:  Σx                              max: the maximum
//	mean: Σx/n                            partial mean: Σx
//	var:  max(0, Σx² - Σx·(Σx/n))/n       partial var: Σx/n, and max(0, Σx² - Σx·(Σx/n))
type Fold struct {
	Result  int // of the loop, by number
	Fold    string
	Axes    []int // of the domain, folded
	Level   int   // of its sums
	Sum     int   // by number; for max the maximum
	Squares int   // for var
	Partial bool  // of one of several pieces
	Targets []Tensor
}

// Accesses returns all that moves with the axes, to change it.
func (n *Nest) Accesses() []*Access {
	var list []*Access
	for i := range n.Outs {
		list = append(list, &n.Outs[i].Access)
	}
	for i := range n.Args {
		list = append(list, &n.Args[i].Access)
	}
	for i := range n.Folds {
		for j := range n.Folds[i].Targets {
			list = append(list, &n.Folds[i].Targets[j].Access)
		}
	}
	if n.Index != nil {
		list = append(list, n.Index)
	}
	for _, c := range n.Coords {
		if c != nil {
			list = append(list, c)
		}
	}
	return list
}

// Bordered reports whether a result has a border. Its planes are then stored one at a time.
func (n *Nest) Bordered() bool {
	return slices.ContainsFunc(n.Outs, func(o Out) bool { return o.Border() != [2]int{} })
}

// RaggedLanes reports whether the last block of an axis of the domain is not full.
func (n *Nest) RaggedLanes(of int) bool {
	return slices.ContainsFunc(n.Axes, func(a Axis) bool { return a.Of() == of && a.Ragged })
}

// Kept returns the axes that the elements of a fold's sums differ by.
func (n *Nest) Kept(f *Fold) []int {
	var axes []int
	for i := f.Level + 1; i < len(n.Axes); i++ {
		if x := &n.Axes[i]; !slices.Contains(f.Axes, x.Of()) && !x.Single() {
			axes = append(axes, i)
		}
	}
	return axes
}

// Visible returns how many elements of a sum the function sees, 0 if it is its own.
func (n *Nest) Visible(s *Sum) int {
	if s.Level >= n.Outer {
		return 0
	}
	size := 1
	for i := n.Outer; i < len(n.Axes); i++ {
		if s.Stride[i] > 0 {
			count, _ := n.Axes[i].Count()
			if n.Axes[i].Short() {
				count = n.Axes[i].Lanes()
			}
			size *= count
		}
	}
	return size
}

// Stored returns the folded results that the function stores itself.
func (n *Nest) Stored() []*Tensor {
	var list []*Tensor
	for i := range n.Folds {
		if n.Folds[i].Level >= n.Outer {
			for j := range n.Folds[i].Targets {
				list = append(list, &n.Folds[i].Targets[j])
			}
		}
	}
	return list
}

// Reads reports whether an instruction of the line depends on argument arg.
func (n *Nest) Reads(instr, arg int) bool {
	in := n.Line.Code[instr]
	if in.Op == scalar.In {
		return in.Index == arg
	}
	return slices.ContainsFunc(in.Args[:in.Op.Arity()], func(k int) bool { return n.Reads(k, arg) })
}

// Combine makes a folded result of the partial results of the pieces of axis 0, in order.
type Combine struct {
	Fold  string
	Out   Operand // row-major
	Parts Operand // of the first piece; those of the others follow, each Stats results
	Stats int     // 2 for var, else 1
	Cut   Cut     // of axis 0 into the pieces
	Each  int     // elements that are folded for each of axis 0
}

// Elements returns how many elements are folded into one.
func (c *Combine) Elements() int { return c.Cut.Size * c.Each }
