package plan

import (
	"fmt"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// Function is the part of a nest within its outer axes: what a task calls, with the place of every
// operand as an argument. Nests whose functions have one key share a function.
type Function struct {
	// Params are the types of the arguments, as Go writes them: []float32 or []int32 for a tensor,
	// float32 for a tensor of which the function sees one element, a pointer to a number or to an
	// array for a sum of the caller, int for a count. Results come first, then the arguments of the
	// line, folded results, sums and counts.
	Params []string
	Axes   []FunctionAxis // outermost first
	Line   scalar.Line
	Args   []View // the elements that the instructions In(i) read
	Outs   []FunctionOut
	Sums   []Sum
	Folds  []FunctionFold

	Elements int // of all calls together
	Work     Work
}

// FunctionAxis is one loop of a function.
type FunctionAxis struct {
	Count int // iterations; if Param is set, the most of any call
	Param int // the parameter that holds the count, or -1

	Multiple int // of which the count in Param is a positive multiple; 0 if it may be any

	// Lanes marks the last axis if it is the lanes of a block that may not be full. In the lanes
	// behind its iterations, up to the end of the block, Padded results and accumulators of the
	// caller may get any contents; other tensors are not touched there.
	Lanes bool
}

// View is an operand of a function: its element lies Base + Σ i·Stride behind the beginning of the
// parameter, summed over the axes.
type View struct {
	Param  int
	Base   int
	Stride []int // by axis
	Padded bool  // there is memory for a whole block of an axis of Lanes
}

// FunctionOut is a result that a function stores for every element.
type FunctionOut struct {
	View
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

// FunctionFold is a Fold whose sums the function closes itself.
type FunctionFold struct {
	Fold    string // sum, mean, var or max
	Partial bool   // of one of several pieces
	Count   int
	Counted bool // n is the Count times the iterations of the first axis
	Sum     int  // by number; for max the maximum
	Squares int  // for var
	Targets []View
}

// Work is what a step does, to see what it is worth.
type Work struct {
	Flops, Bytes int64 // operations, and what is read and written
	Tasks        int
	Infer        bool // it is of the evaluation, not of a training step
}

// Work returns what the step does.
func (s *Step) Work(infer bool) Work { return Work{s.Flops, s.Bytes, s.Tasks(), infer} }

// Key returns a text that functions share which do the same.
func (f *Function) Key() string {
	code := make([]string, len(f.Line.Code))
	for i, in := range f.Line.Code {
		code[i] = fmt.Sprint(in.Op, scalar.FormatNumber(in.Value), in.Index, in.Args)
	}
	axes := slices.Clone(f.Axes)
	for i := range axes {
		if axes[i].Param >= 0 {
			axes[i].Count = 0
		}
	}
	return fmt.Sprint(f.Params, axes, code, f.Args, f.Outs, f.Sums, f.Folds)
}

// Function returns the function of a nest. It reports false where what it computes depends on more
// than its tensors: where an element lies in the domain, or which of its blocks of lanes is not full.
func (n *Nest) Function() (Function, bool) {
	f := Function{Line: n.Line, Elements: n.Domain.Elements()}
	positioned := slices.ContainsFunc(n.Coords, func(a *Access) bool { return a != nil })
	if n.Index != nil || positioned {
		return f, false
	}
	for i := range n.Outs {
		t := &n.Outs[i].Tensor
		f.Outs = append(f.Outs, FunctionOut{n.view(&f, t, true), n.Outs[i].Instr, borderOf(t)})
	}
	for i := range n.Args {
		f.Args = append(f.Args, n.view(&f, &n.Args[i], false))
	}
	var targets []View
	for _, t := range n.Stored() {
		targets = append(targets, n.view(&f, t, true))
	}
	if !n.functionSums(&f) || !n.functionAxes(&f) {
		return f, false
	}
	return f, n.functionFolds(&f, targets)
}

// param adds a parameter and returns its number.
func (f *Function) param(typ string) int {
	f.Params = append(f.Params, typ)
	return len(f.Params) - 1
}

// view adds a tensor, which is a result or an argument.
func (n *Nest) view(f *Function, t *Tensor, result bool) View {
	v := View{Base: t.Lead, Stride: t.Stride[n.Outer:]}
	switch {
	case !result && t.Stands(n.Outer):
		v.Param, v.Stride = f.param("float32"), nil
		return v
	case t.Type.DType == ir.I32:
		v.Param = f.param("[]int32")
	default:
		v.Param = f.param("[]float32")
	}
	last := len(n.Axes) - 1
	v.Padded = n.Axes[last].Short() && t.Stride[last] == 1 && BlockOf(t.Type) == n.Axes[last].Of()
	return v
}

// borderOf returns what is to be set to zeros around a result.
func borderOf(t *Tensor) Border {
	halo := t.Type.Layout.Halo
	if halo == [2]int{} {
		return Border{}
	}
	return Border{Rows: t.Type.Shape[2], Columns: t.Type.Shape[3], Top: halo[0], Left: halo[1],
		Lanes: LanesOf(t.Type)}
}

// LanesOf returns how many elements of images lie side by side for one pixel.
func LanesOf(t ir.Type) int { return t.Place().Stride[3] }

// functionSums adds the sums. It reports false for one of the caller that is a single number.
func (n *Nest) functionSums(f *Function) bool {
	for _, s := range n.Sums {
		s.Level -= n.Outer
		s.Stride = s.Stride[n.Outer:]
		if s.Level < 0 {
			s.Level = -1
			visible := n.Visible(&n.Sums[len(f.Sums)])
			if visible == 1 {
				return false
			}
			s.Param = f.param(fmt.Sprintf("*[%d]%s", visible, s.Kind.Type()))
		}
		s.Size = 0 // of the caller's array
		f.Sums = append(f.Sums, s)
	}
	return true
}

// Type returns the type of an accumulator's elements.
func (k SumKind) Type() string {
	if k == Largest {
		return "float32"
	}
	return "float64"
}

// functionAxes adds the loops.
func (n *Nest) functionAxes(f *Function) bool {
	for i := n.Outer; i < len(n.Axes); i++ {
		a, last := &n.Axes[i], i == len(n.Axes)-1
		count, fixed := a.Fixed()
		axis := FunctionAxis{Count: count, Param: -1, Lanes: last && a.Short()}
		switch {
		case a.Part() == OverBlocks && n.RaggedLanes(a.Of()) || a.Ragged && !last:
			return false
		case a.Ragged || !fixed:
			axis.Param = f.param("int")
		}
		if a.Shared {
			axis.Multiple = a.multiple()
		}
		f.Axes = append(f.Axes, axis)
	}
	return true
}

// mostMultiple is what a count is at most known to be a multiple of: the floats of the widest vector.
const mostMultiple = 16

// multiple returns a power of two that the count is a multiple of, no larger than functions make
// use of, so that they have it in common.
func (a *Axis) multiple() int {
	n, _ := a.Count()
	m := 1
	for m < mostMultiple && n%(2*m) == 0 {
		m *= 2
	}
	return m
}

// functionFolds adds what is made of the sums. It reports false if that depends on the task.
func (n *Nest) functionFolds(f *Function, targets []View) bool {
	for i := range n.Folds {
		fold := &n.Folds[i]
		if fold.Level < n.Outer {
			continue
		}
		count, even := n.FoldCount(fold)
		if !even {
			return false
		}
		v := FunctionFold{Fold: fold.Fold, Partial: fold.Partial, Count: count, Sum: fold.Sum,
			Squares: fold.Squares, Targets: targets[:len(fold.Targets)]}
		targets = targets[len(fold.Targets):]
		if first := &n.Axes[n.Outer]; first.Shared && fold.Level == n.Outer {
			size, _ := first.Count()
			v.Count, v.Counted = count/size, true
		}
		f.Folds = append(f.Folds, v)
	}
	return true
}

// FoldCount returns how many elements a task folds into one, and whether that is so for all tasks.
func (n *Nest) FoldCount(f *Fold) (count int, even bool) {
	count, even = 1, true
	for i := range n.Axes {
		x := &n.Axes[i]
		if !slices.Contains(f.Axes, x.Of()) || x.Single() {
			continue
		}
		switch size, same := x.Count(); {
		case same:
			count *= size
		case x.Part() == OverLanes: // the whole axis is folded: blocks and lanes together
			blocks := ir.Ceil(n.Domain[x.Of()], x.Lanes())
			count = count / blocks * n.Domain[x.Of()]
		default:
			even = false
		}
	}
	return count, even
}
