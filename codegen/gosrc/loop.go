package gosrc

import (
	"strconv"

	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// loop emits the nest of a step: the part of the step's method that finds out where its task works,
// and the function that does the work on plain slices.
type loop struct {
	*emitter
	plan   *plan.Loop
	steps  *plan.Nest
	layer  string   // whose names are short
	leaf   string   // name of the function
	callee string   // what the method calls: the function, or the choice among its twins
	doc    []string // of the function
	work   plan.Work

	frame
	scope *host.Names
	args  []*tensor // by argument
	outs  []*tensor // by result that is stored for every element
	sums  []*accumulator
	folds []*fold

	print   printer
	moves   [][]bool           // of each instruction, by axis: whether its value changes along it
	windows map[*tensor]string // windows and numbers that are open in the function
	sites   map[int]string     // variables of the random sites that the function draws from
}

// tensor is an operand with its names.
type tensor struct {
	*plan.Tensor
	name     string // in the function
	home, at string // the slice it lies in, and where it begins
}

// newLoop names what the nest of a step is about.
func (e *emitter) newLoop(s *plan.Step, piece [2]string) *loop {
	n := s.Nest
	l := &loop{emitter: e, plan: s.Loop, steps: n, layer: s.Origin.Layer,
		frame: frame{nest: newNest(s.Loop.Domain, n.Axes), inner: n.Outer, piece: piece},
		scope: host.NewNames(nil, localNames...), windows: map[*tensor]string{}}
	for i := range n.Outs {
		l.outs = append(l.outs, l.tensor(&n.Outs[i].Tensor, ""))
	}
	for i := range n.Args {
		l.args = append(l.args, l.tensor(&n.Args[i], ""))
	}
	l.addFolds()
	l.findMoves()
	l.addSums()
	return l
}

// tensor names an operand, with a suffix.
func (l *loop) tensor(o *plan.Tensor, suffix string) *tensor {
	t := &tensor{Tensor: o}
	if o.Own {
		t.home, t.at = "raw", ""
	} else {
		t.home, t.at = l.Home(o.Buffer)
	}
	t.name = l.scope.Fresh(host.LocalName(o.Name, l.layer) + suffix)
	return t
}

// begins prints where the memory of an operand begins that the function's part is found in: where
// its first element lies, or its border.
func (l *loop) begins(t *tensor) string {
	base := ""
	if t.Lead == 0 {
		base = strconv.Itoa(t.Base)
	}
	return sum(t.at, base, times(l.piece[0], t.Piece))
}

// hasBorder reports whether a tensor has a border of zeros.
func hasBorder(t *tensor) bool { return t.Type.Layout.Halo != [2]int{} }

// dtype returns the Go type of a tensor's elements.
func dtype(t *tensor) string {
	if t.Type.DType == ir.I32 {
		return "int32"
	}
	return "float32"
}
