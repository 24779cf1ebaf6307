package gosrc

import (
	"fmt"
	"strconv"

	"github.com/gradc/gradc/codegen/goasm"
	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// This file holds the part of a loop that a step's method runs: it finds the slices that the
// task's piece lies in, and calls the function.

// emit appends the loop to a method, and the function to the file, if there is none yet that does
// the same.
func (l *loop) emit(method, file *host.Code) {
	params, body := l.function()
	if !l.shared() {
		file.Declare(host.Function{Doc: l.doc, Name: l.leaf, Params: params, Body: body})
	}
	l.callee = l.choice()
	l.outer(method, 0)
}

// outer emits the method's loops from axis i on, and the call within.
func (l *loop) outer(c *host.Code, i int) {
	if i == l.inner {
		l.call(c)
		return
	}
	l.openSums(c, i)
	l.around(c, i, func(c *host.Code) { l.outer(c, i+1) })
	l.closeSums(c, i)
}

// call emits the call of the function for one iteration of the method's loops.
func (l *loop) call(c *host.Code) {
	var args [][2]string
	for _, t := range append(l.tensors(), l.foldTensors()...) {
		args = append(args, [2]string{l.window(t), t.Type.String()})
	}
	for _, a := range l.sums {
		if a.Level < l.inner {
			args = append(args, [2]string{l.pointer(a)})
		}
	}
	for _, p := range l.counts() {
		note := ""
		if _, err := strconv.Atoi(p.value); err == nil {
			note = p.name
		}
		args = append(args, [2]string{p.value, note})
	}
	c.Line("%s", call(l.callee, args...))
}

// tensors returns the results that are stored by element, then the arguments.
func (l *loop) tensors() []*tensor {
	var list []*tensor
	list = append(list, l.outs...)
	return append(list, l.args...)
}

// number is a parameter of the function besides tensors, and what the method gives it.
type number struct{ name, typ, value string }

// counts returns the numbers that the function gets: sizes that differ from task to task, and
// where in the domain its part begins.
func (l *loop) counts() []number {
	var list []number
	add := func(name, typ, value string) { list = append(list, number{name, typ, value}) }
	for i := l.inner; i < len(l.nest.axes); i++ {
		a := l.nest.axes[i]
		if a.Ragged && !l.innerBlock(i) {
			add(lanesParam, "int", fmt.Sprintf("min(%d, %d-block*%d)", goasm.Lanes,
				l.steps.Domain[a.Of()], goasm.Lanes))
		}
		if n, even := a.Count(); a.Shared {
			add(countName(a), "int", strconv.Itoa(n))
		} else if !even && !a.Ragged {
			from, to := l.ends(a)
			add(countName(a), "int", to+"-"+from)
		}
		if a.Part() == plan.OverBlocks && a.Pieces() > 1 && l.steps.RaggedLanes(a.Of()) {
			from, _ := l.ends(a)
			add(firstBlock, "int", from)
		}
	}
	for axis, a := range l.steps.Coords {
		if a != nil && l.movesOutside(*a) {
			add(coordName(axis), "int", l.offset("", *a, false))
		}
	}
	if index := l.steps.Index; index != nil {
		if l.movesOutside(*index) {
			add(element, "int", l.offset("", *index, false))
		}
		add("seed", "uint64", "n.seed")
		add("step", "uint64", "n.step")
	}
	return list
}

// movesOutside reports whether the method decides where an index begins.
func (l *loop) movesOutside(a plan.Access) bool { return l.offset("", a, false) != "0" }

// innerBlock reports whether the function loops over the blocks that the lanes of axis i are of.
func (l *loop) innerBlock(i int) bool {
	for k := l.inner; k < len(l.nest.axes); k++ {
		if a := l.nest.axes[k]; a.Part() == plan.OverBlocks && a.Of() == l.nest.axes[i].Of() {
			return true
		}
	}
	return false
}

// window prints the part of a tensor that the function gets.
func (l *loop) window(t *tensor) string {
	at := l.offset(l.begins(t), t.Access, t.Own)
	if l.isNumber(t) && !l.isResult(t) {
		return l.number(t, fmt.Sprintf("%s[%s]", t.home, at))
	}
	length, even := l.extent(t.Access)
	if t.Lead > 0 { // the whole plane with its border
		length = planeSize(t.Type)
	}
	return slice(t.home, at, length, even)
}

func (l *loop) number(t *tensor, element string) string {
	if t.Type.DType == ir.I32 {
		return "float32(" + element + ")"
	}
	return element
}

// slice prints home[at:][:length]; without the length if it is not even.
func slice(home, at string, length int, even bool) string {
	switch {
	case !even && at == "0":
		return home + "[:]"
	case !even:
		return fmt.Sprintf("%s[%s:]", home, at)
	case at == "0":
		return fmt.Sprintf("%s[:%d]", home, length)
	}
	return fmt.Sprintf("%s[%s:][:%d]", home, at, length)
}

// isNumber reports whether the function sees one element of a tensor only.
func (l *loop) isNumber(t *tensor) bool { return t.Stands(l.inner) }

// extent returns how many elements there are from the first to the last that the function sees,
// and whether it is the same for all calls.
func (l *loop) extent(a plan.Access) (length int, even bool) {
	length, even = 1, true
	for i := l.inner; i < len(l.nest.axes); i++ {
		n, same := l.nest.axes[i].Count()
		even = even && (same || a.Stride[i] == 0)
		length += (n - 1) * a.Stride[i]
	}
	return length, even
}

// planeSize returns the elements of one plane of images with its border.
func planeSize(t ir.Type) int {
	h := t.Layout.Halo
	return (t.Shape[2] + 2*h[0]) * (t.Shape[3] + 2*h[1]) * plan.LanesOf(t)
}
