package gosrc

import (
	"fmt"
	"slices"

	"github.com/gradc/gradc/codegen/elementwise"
	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
)

// loop emits one plan.Loop: the part of a step's method that finds out where its task works, and
// the function that does the work on plain slices.
type loop struct {
	*emitter
	plan   *plan.Loop
	cuts   [2]plan.Cut
	layer  string   // whose names are short
	leaf   string   // name of the function
	callee string   // what the method calls: the function, or the choice among its twins
	doc    []string // of the function
	work   elementwise.Work

	frame
	scope  *host.Names
	line   scalar.Line
	args   []*tensor // by argument
	outs   []*tensor // by result; nil for folds
	sums   []*accumulator
	folds  []*fold
	index  *access   // the element's index in row-major order, for random numbers
	coords []*access // by axis, nil where not read

	print   printer
	moves   [][]bool           // of each instruction, by axis: whether its value changes along it
	windows map[*tensor]string // windows and numbers that are open in the function
	sites   map[int]string     // variables of the random sites that the function draws from
}

// tensor is an operand on its way through the nest.
type tensor struct {
	*access
	plan.Operand
	name     string // in the function
	home, at string // the slice it lies in, and where it begins
	relative bool   // holds the task's piece only
	lead     int    // from where its part for the function begins to its first element
}

// place says where an operand lies: a slice of the network and an offset.
type place struct {
	home, at string
	relative bool
	layout   ir.Layout
}

// typeOf returns the type of an operand, which lies as p says if it has no buffer.
func (p place) typeOf(o plan.Operand) ir.Type {
	if o.Buffer == nil {
		return o.Type.With(p.layout)
	}
	return o.Type
}

// newLoop prepares a loop. The kernel's result lies at raw, partial results in partial.
func (e *emitter) newLoop(
	p *plan.Loop, layer string, cuts [2]plan.Cut, piece [2]string, partial *plan.Buffer, raw place,
) (*loop, error) {
	l := &loop{emitter: e, plan: p, layer: layer, cuts: cuts, frame: frame{piece: piece},
		scope: host.NewNames(nil, localNames...), windows: map[*tensor]string{}}
	exprs := make([]*scalar.Expr, len(p.Outs))
	var types []ir.Type
	for i, o := range p.Outs {
		exprs[i] = o.Expr
		if o.Fold == "" {
			types = append(types, o.Type)
		}
	}
	for _, a := range p.Args {
		types = append(types, raw.typeOf(a))
	}
	l.line = scalar.Linearize(exprs...)
	if err := unprintable(l.line); err != nil {
		return nil, err
	}
	l.nest = newNest(p.Domain, cuts, types)
	if !l.bordered() {
		l.laneColumns()
	}
	for _, o := range p.Outs {
		var t *tensor
		if o.Fold == "" {
			t = l.tensor(o.Operand, raw)
		}
		l.outs = append(l.outs, t)
	}
	for _, a := range p.Args {
		l.args = append(l.args, l.tensor(a, raw))
	}
	l.indices()
	l.addFolds(partial)
	if !l.bordered() {
		l.orderFolds()
	} else if err := l.byPlane(); err != nil {
		return nil, err
	}
	l.nest.merge(l.together, l.bordered())
	l.leads()
	l.inner = l.firstInner()
	l.findMoves()
	l.addSums()
	l.takeSize()
	return l, nil
}

// tensor adds an operand to the nest.
func (l *loop) tensor(o plan.Operand, raw place) *tensor {
	o.Type = raw.typeOf(o)
	t := &tensor{Operand: o, access: l.nest.tensor(l.plan.Domain.Shape, o.Type)}
	t.name = l.scope.Fresh(host.LocalName(o.Name, l.layer))
	if o.Buffer == nil {
		t.home, t.at, t.relative = raw.home, raw.at, raw.relative
	} else {
		t.home, t.at = l.Home(o.Buffer)
	}
	return t
}

// leads makes the parts of results with a border begin at their planes' border.
func (l *loop) leads() {
	for _, t := range l.outs {
		if t != nil && t.Type.Layout.Halo != [2]int{} {
			t.lead = t.base
		}
	}
}

// indices adds what the expressions know of an element's position.
func (l *loop) indices() {
	shape := l.plan.Domain.Shape
	l.coords = make([]*access, len(shape))
	for _, in := range l.line.Code {
		switch {
		case in.Op == scalar.Rand && l.index == nil:
			l.index = l.nest.add(0, ir.Type{Shape: shape}.Place().Stride, -1)
		case in.Op == scalar.Coord && l.coords[in.Index] == nil:
			stride := make([]int, len(shape))
			stride[in.Index] = 1
			l.coords[in.Index] = l.nest.add(0, stride, -1)
		}
	}
}

// laneColumns cuts the last axis of a row-major domain into lanes if a fold runs along another
// axis: a row is then read a cache line at a time, and the sums of its columns stay in few places.
func (l *loop) laneColumns() {
	last := len(l.nest.axes) - 1
	a := l.nest.axes[last]
	if a.part != whole || a.size == 1 || l.plan.Domain.Layout.Order != ir.RowMajor {
		return
	}
	across := false
	for _, o := range l.plan.Outs {
		if slices.Contains(o.Axes, a.of) {
			return
		}
		across = across || o.Fold != "" && l.plan.Domain.Shape.Elements() > o.Type.Shape.Elements()
	}
	if across {
		blocks, lanes := inBlocks(a)
		l.nest.axes = append(l.nest.axes[:last], blocks, lanes)
	}
}

// orderFolds moves the axes that folds run along behind those they keep, but before the lanes, so
// that few sums are open at a time.
func (l *loop) orderFolds() {
	var axes []int
	for _, o := range l.plan.Outs {
		axes = append(axes, o.Axes...)
	}
	if len(axes) == 0 {
		return
	}
	lanesLast := l.nest.axes[len(l.nest.axes)-1].part == lane
	l.nest.reorder(func(a axis) int {
		switch {
		case a.part == lane && lanesLast && !slices.Contains(axes, a.of):
			return 2
		case slices.Contains(axes, a.of):
			return 1
		}
		return 0
	})
}

// borderedType returns the type of the first result with a border.
func (l *loop) borderedType() ir.Type {
	for _, o := range l.plan.Outs {
		if o.Fold == "" && o.Type.Layout.Halo != [2]int{} {
			return o.Type
		}
	}
	return ir.Type{}
}

// bordered reports whether a result has a border. Its planes are then written one at a time.
func (l *loop) bordered() bool { return l.borderedType().Layout.Halo != [2]int{} }

// byPlane moves the axes of a bordered result's planes outwards, so that the function gets one
// plane at a time.
func (l *loop) byPlane() error {
	orders := map[ir.Order]bool{}
	for _, o := range l.plan.Outs {
		if o.Fold == "" && o.Type.Layout.Halo != [2]int{} {
			orders[o.Type.Layout.Order] = true
		}
	}
	if len(orders) > 1 {
		return fmt.Errorf("it stores tensors with borders in two orders")
	}
	if orders[ir.RowMajor] {
		l.nest.reorder(func(a axis) int {
			if a.of > 1 {
				return 1
			}
			return 0
		})
	}
	return nil
}

// together reports whether every fold runs along both axes or along neither.
func (l *loop) together(outer, inner axis) bool {
	if outer.of < 2 && l.bordered() {
		return false
	}
	for _, o := range l.plan.Outs {
		if slices.Contains(o.Axes, outer.of) != slices.Contains(o.Axes, inner.of) {
			return false
		}
	}
	return true
}

// firstInner returns the first axis that the function loops over. The method keeps the axes of
// images and channels; domains of few axes are the function's altogether.
func (l *loop) firstInner() int {
	axes := l.nest.axes
	if len(l.plan.Domain.Shape) < 3 {
		return 0
	}
	i := 0
	planes := l.bordered() && blockOf(l.borderedType()) < 0
	for i < len(axes)-1 && axes[i].of < 2 && (axes[i].part != lane || planes) &&
		axes[i].inner == 1 {
		i++
	}
	if i > 0 && i == len(axes)-1 && axes[i].part == lane && !l.bordered() {
		i-- // lanes alone are too little
	}
	return i
}
