package gosrc

import (
	"fmt"
	"strconv"

	"github.com/gradc/gradc/codegen/elementwise"
)

// shared makes the loop's function one that does the same, and reports whether there is one.
func (l *loop) shared() bool {
	d, ok := l.describe()
	if !ok {
		return false
	}
	inPlace := make([]bool, len(l.args)) // read before results are stored
	for i := range l.args {
		inPlace[i] = l.overwritten(i)
	}
	key := fmt.Sprint(d.Key(), inPlace)
	if known, ok := l.loops[key]; ok {
		l.leaf = known
		return true
	}
	l.loops[key] = l.leaf
	return false
}

// choice returns what the method calls: the function itself, or the choice among its twins.
func (l *loop) choice() string {
	if l.Assembly == nil {
		return l.leaf
	}
	for _, t := range l.twins {
		if t.name == l.leaf {
			return "n.kernels." + l.leaf
		}
	}
	d, ok := l.describe()
	if !ok {
		return l.leaf
	}
	twins, ok := l.Assembly.Loop(l.leaf, d)
	if !ok {
		return l.leaf
	}
	l.twins = append(l.twins, twin{l.leaf, l.leaf, l.params(), twins})
	return "n.kernels." + l.leaf
}

// describe returns what the function computes. It reports false where that depends on more than
// the tensors: where an element lies in the domain, or which of its blocks of lanes is not full.
func (l *loop) describe() (elementwise.Loop, bool) {
	d := elementwise.Loop{Line: l.line, Elements: l.plan.Domain.Shape.Elements(),
		Work: l.work}
	params := map[string]int{}
	g := l.parameters()
	for i, name := range g.names {
		params[name] = i
		d.Params = append(d.Params, elementwise.Param{Name: name, Type: g.types[i]})
	}
	if l.index != nil {
		return d, false
	}
	for _, a := range l.coords {
		if a != nil {
			return d, false
		}
	}
	if !l.describeAxes(&d, params) {
		return d, false
	}
	last := len(l.nest.axes) - 1
	moved := func(t *tensor) elementwise.Tensor {
		m := elementwise.Tensor{Param: params[t.name], Base: t.lead}
		if d.Params[m.Param].Type != "float32" {
			m.Stride = t.stride[l.inner:]
			m.Padded = d.Axes[last-l.inner].Lanes && t.stride[last] == 1 &&
				blockOf(t.Type) == l.nest.axes[last].of
		}
		return m
	}
	for _, t := range l.args {
		d.Args = append(d.Args, moved(t))
	}
	for k, t := range l.outs {
		if t != nil {
			d.Outs = append(d.Outs, elementwise.Out{Tensor: moved(t), Instr: l.line.Result[k],
				Border: borderOf(t)})
		}
	}
	ok := l.describeFolds(&d, params, moved)
	return d, ok
}

// describeAxes adds the function's loops.
func (l *loop) describeAxes(d *elementwise.Loop, params map[string]int) bool {
	for i := l.inner; i < len(l.nest.axes); i++ {
		a := l.nest.axes[i]
		n, fixed := l.fixed(i)
		axis := elementwise.Axis{Count: n, Param: -1}
		last := i == len(l.nest.axes)-1
		switch {
		case a.part == block && l.raggedLanes(a.of) || a.ragged && !last:
			return false
		case a.ragged:
			axis.Param = params[lanesParam]
		case !fixed:
			axis.Param = params[countName(a)]
		}
		if a.sized {
			axis.Multiple = l.multiple()
		}
		axis.Lanes = last && a.short()
		d.Axes = append(d.Axes, axis)
	}
	return true
}

// borderOf returns what is to be set to zeros around a result.
func borderOf(t *tensor) elementwise.Border {
	halo := t.Type.Layout.Halo
	if halo == [2]int{} {
		return elementwise.Border{}
	}
	return elementwise.Border{Rows: t.Type.Shape[2], Columns: t.Type.Shape[3], Top: halo[0],
		Left: halo[1], Lanes: lanesOf(t.Type)}
}

// describeFolds adds the sums, and what is made of them in the function.
func (l *loop) describeFolds(
	d *elementwise.Loop, params map[string]int, moved func(*tensor) elementwise.Tensor,
) bool {
	number := map[*accumulator]int{}
	for _, a := range l.sums {
		s := elementwise.Sum{Kind: elementwise.Kind(a.kind), Instr: a.instr,
			Level: a.level - l.inner, Param: -1, Stride: a.stride[l.inner:]}
		if a.level < l.inner {
			s.Level = -1
			if n := l.sumPointers(a); n == 1 {
				return false
			}
			s.Param = params[a.name]
		}
		number[a] = len(d.Sums)
		d.Sums = append(d.Sums, s)
	}
	for _, f := range l.folds {
		if f.level < l.inner {
			continue
		}
		count, err := strconv.Atoi(l.foldCount(f, true))
		if err != nil {
			return false // it depends on the task
		}
		fold := elementwise.Fold{Fold: f.out.Fold, Partial: f.partial, Count: count}
		if first := l.nest.axes[l.inner]; first.sized && f.level == l.inner {
			n, _ := first.count()
			fold.Count, fold.Counted = count/n, true
		}
		for kind, a := range f.of {
			if kind == "squares" {
				fold.Squares = number[a]
			} else {
				fold.Sum = number[a]
			}
		}
		for _, t := range f.targets {
			fold.Targets = append(fold.Targets, moved(t))
		}
		d.Folds = append(d.Folds, fold)
	}
	return true
}
