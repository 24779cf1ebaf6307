package gosrc

import (
	"fmt"
	"strconv"

	"github.com/gradc/gradc/codegen/goasm"
	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/plan"
)

// frame is the loops of a step's method over its task's piece of the axes 0 and 1.
type frame struct {
	nest  *nest
	inner int       // the first axis that the method does not loop over
	piece [2]string // the variables that hold the task's pieces of axes 0 and 1
}

// rangeOver prints the head of a loop over the task's piece of an axis.
func (f *frame) rangeOver(a axis) string {
	from, to := f.ends(a)
	return fmt.Sprintf("for %s := %s; %s < %s; %s++", a.name, from, a.name, to, a.name)
}

// ends prints the first iteration of the task's piece of a cut axis, and the one behind its last.
func (f *frame) ends(a axis) (from, to string) {
	v := f.piece[a.Of()]
	if n, even := a.Count(); even {
		return times(v, n), fmt.Sprintf("(%s+1)*%d", v, n)
	}
	cut := a.Cut
	start := func(piece string) string {
		return times(fmt.Sprintf("%s*%d/%d", piece, cut.Units(), cut.Pieces), cut.Unit*a.Inner)
	}
	from, to = start(v), start("("+v+"+1)")
	if cut.Size%cut.Unit != 0 {
		to = fmt.Sprintf("min(%d, %s)", a.Size(), to)
	}
	return from, to
}

// offset prints where the part of an access begins that lies within the method's loops.
func (f *frame) offset(at string, a plan.Access, relative bool) string {
	terms := []string{at}
	for i, x := range f.nest.axes {
		switch {
		case i < f.inner && relative && x.Single():
		case i < f.inner && relative && x.Pieces() > 1:
			from, _ := f.ends(x)
			terms = append(terms, times("("+x.name+"-"+orZero(from)+")", a.Stride[i]))
		case i < f.inner:
			terms = append(terms, times(f.variable(i), a.Stride[i]))
		case x.Pieces() > 1 && !relative && a.Stride[i] > 0:
			terms = append(terms, f.startOf(x, a.Stride[i]))
		}
	}
	return sum(terms...)
}

// startOf prints the offset of the task's piece of an axis within the method's loops.
func (f *frame) startOf(x axis, stride int) string {
	if n, even := x.Count(); even {
		return times(f.piece[x.Of()], n*stride)
	}
	from, _ := f.ends(x)
	if stride == 1 {
		return from
	}
	return fmt.Sprintf("%s*%d", from, stride)
}

// variable returns the variable of the method's loop over axis i, 0 if there is no loop.
func (f *frame) variable(i int) string {
	if a := f.nest.axes[i]; a.Size() > 1 || a.Pieces() > 1 {
		return a.name
	}
	return "0"
}

// around emits the loop over axis i, with what body emits within.
func (f *frame) around(c *host.Code, i int, body func(c *host.Code)) {
	switch a := f.nest.axes[i]; {
	case a.Size() == 1 && a.Pieces() == 1:
		body(c)
	case a.Single():
		if v := f.piece[a.Of()]; v != a.name {
			c.Line("%s := %s", a.name, v)
		}
		body(c)
	case a.Pieces() == 1:
		inner := &host.Code{}
		body(inner)
		count := strconv.Itoa(a.Size())
		if a.Ragged {
			count = fmt.Sprintf("min(%d, %d-block*%d)", goasm.Lanes, a.Full, goasm.Lanes)
		}
		c.LoopOver(a.name, count, inner)
	default:
		c.Block(f.rangeOver(a), body)
	}
}

// allAround emits the method's loops, with what body emits within.
func (f *frame) allAround(c *host.Code, body func(c *host.Code)) {
	var from func(c *host.Code, i int)
	from = func(c *host.Code, i int) {
		if i == f.inner {
			body(c)
			return
		}
		f.around(c, i, func(c *host.Code) { from(c, i+1) })
	}
	from(c, 0)
}
