package gosrc

import (
	"fmt"
	"strings"

	"github.com/gradc/gradc/codegen/goasm"
	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
)

// This file holds the function of a loop: plain loops over slices. What does not change along the
// inner loops is computed before them.

// function returns the function's parameters and body.
func (l *loop) function() (params string, body *host.Code) {
	l.print = printer{line: l.steps.Line, leaf: l.leafText, known: map[int]string{},
		bools: map[int]string{}}
	body = &host.Code{}
	l.openSites(body)
	for _, a := range l.sums {
		if a.Level < l.inner && l.sumPointers(a) == 1 {
			body.Line("%s := *%sTo", a.name, a.name)
		}
	}
	for _, t := range l.outs {
		if hasBorder(t) {
			size, halo := t.Type.Shape[2:], t.Type.Layout.Halo
			body.Line("%s(%s, %d, %d, %d, %d, %d)", l.helper(clearBorder), t.name, size[0],
				size[1], halo[0], halo[1], plan.LanesOf(t.Type))
		}
	}
	l.inside(body, l.inner)
	for _, a := range l.sums {
		if a.Level < l.inner && l.sumPointers(a) == 1 {
			body.Line("*%sTo = %s", a.name, a.name)
		}
	}
	return l.params(), body
}

// params prints the function's parameters.
func (l *loop) params() string { return l.parameters().String() }

// parameters lists them.
func (l *loop) parameters() groups {
	var g groups
	for _, t := range append(l.tensors(), l.foldTensors()...) {
		switch {
		case l.isNumber(t) && !l.isResult(t):
			g.add(t.name, "float32")
		default:
			g.add(t.name, "[]"+dtype(t))
		}
	}
	for _, a := range l.sums {
		switch n := l.sumPointers(a); {
		case n == 1:
			g.add(a.name+"To", "*"+a.typ())
		case n > 1:
			g.add(a.name, fmt.Sprintf("*[%d]%s", n, a.typ()))
		}
	}
	for _, p := range l.counts() {
		g.add(p.name, p.typ)
	}
	return g
}

// groups is a list of parameters.
type groups struct{ names, types []string }

func (g *groups) add(name, typ string) {
	g.names, g.types = append(g.names, name), append(g.types, typ)
}

// String returns the list as a, b []float32, n int: those of one type stand together.
func (g groups) String() string {
	var b strings.Builder
	for i, name := range g.names {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(name)
		if i+1 == len(g.names) || g.types[i+1] != g.types[i] {
			b.WriteString(" " + g.types[i])
		}
	}
	return b.String()
}

// isResult reports whether the function stores a tensor.
func (l *loop) isResult(t *tensor) bool {
	for _, o := range append(l.foldTensors(), l.outs...) {
		if o == t {
			return true
		}
	}
	return false
}

// inside emits the function's loops from axis i on.
func (l *loop) inside(c *host.Code, i int) {
	l.openSums(c, i)
	l.hoist(c, i)
	if i == len(l.nest.axes) {
		l.store(c)
	} else {
		a := l.nest.axes[i]
		body := &host.Code{}
		if a.Part() == plan.OverBlocks && l.steps.RaggedLanes(a.Of()) {
			body.Line("lanes := min(%d, %d-%s*%d)", goasm.Lanes, l.steps.Domain[a.Of()],
				l.absolute(a), goasm.Lanes)
		}
		l.inside(body, i+1)
		c.LoopOver(a.name, l.countOf(i), body)
	}
	l.closeSums(c, i)
}

// absolute prints the number of a block, of which the function may see some only.
func (l *loop) absolute(a axis) string {
	if a.Pieces() > 1 {
		return "(" + firstBlock + "+" + a.name + ")"
	}
	return a.name
}

// Parameters of the function that tell its place in the domain.
const (
	firstBlock = "firstBlock"
	element    = "element"
	lanesParam = "lanes" // how many lanes of its block there are
)

// countOf prints the number of iterations of axis i in the function.
func (l *loop) countOf(i int) string {
	a := l.nest.axes[i]
	n, fixed := a.Fixed()
	switch {
	case fixed:
		return fmt.Sprint(n)
	case a.Ragged:
		return "lanes"
	}
	return countName(a)
}

// countName names the parameter that holds the number of iterations of an axis.
func countName(a axis) string {
	if len(a.name) == 1 {
		return "count"
	}
	return a.name + "s"
}

// opened returns the axis of the function in front of whose loop an access that moves along some
// axes is known: the one behind the last that it moves along. The innermost axis does not count.
func (l *loop) opened(a plan.Access) int {
	last := len(l.nest.axes) - 1
	for i := last - 1; i >= l.inner; i-- {
		if a.Stride[i] != 0 {
			return i + 1
		}
	}
	return l.inner
}

// hoist emits what is known in front of the loop over axis i and used further in: windows on
// tensors, numbers, and the values of expressions.
func (l *loop) hoist(c *host.Code, i int) {
	last := len(l.nest.axes) - 1
	if i > last {
		l.load(c)
	}
	for _, t := range l.tensors() {
		if l.isNumber(t) && !l.isResult(t) {
			continue
		}
		switch s := t.Stride[last]; {
		case s == 1 && l.opened(t.Access) == i && i <= last:
			l.openWindow(c, t)
		case s == 0 && l.opened(t.Access) == i && !l.isResult(t) && i <= last:
			name := l.scope.Fresh(t.elementName())
			c.Line("%s := %s", name, l.number(t, t.name+"["+l.innerOffset(t)+"]"))
			l.windows[t] = name
		}
	}
	l.names(c, l.steps.Line.Result, func(k int) bool { return l.level(k) == i })
	if i < last {
		l.hoistLanes(c, i)
	}
}

// openWindow emits the part of a tensor that the innermost loop runs along.
func (l *loop) openWindow(c *host.Code, t *tensor) {
	last := len(l.nest.axes) - 1
	n, fixed := l.nest.axes[last].Fixed()
	at := l.innerOffset(t)
	if at == "0" {
		if fixed {
			c.Line("%s = %s[:%d]", t.name, t.name, n)
		} else {
			c.Line("%s = %s[:%s]", t.name, t.name, l.countOf(last))
		}
		l.windows[t] = t.name
		return
	}
	suffix := "Row"
	if l.nest.axes[last].Part() == plan.OverLanes {
		suffix = "Lanes"
	}
	name := l.scope.Fresh(t.name + suffix)
	if fixed {
		c.Line("%s := (*[%d]%s)(%s[%s:])", name, n, dtype(t), t.name, at)
	} else {
		c.Line("%s := %s[%s:][:%s]", name, t.name, at, l.countOf(last))
	}
	l.windows[t] = name
}

// innerOffset prints the offset of a tensor's element, without the innermost loop.
func (l *loop) innerOffset(t *tensor) string {
	return l.nest.offset(fmt.Sprint(t.Lead), t.Access, l.inner, len(l.nest.axes)-1)
}

// leafText prints an In, Coord or Rand of the element.
func (l *loop) leafText(in scalar.Instr) string {
	last := len(l.nest.axes) - 1
	switch in.Op {
	case scalar.Rand:
		return l.random(in.Index)
	case scalar.Coord:
		a := *l.steps.Coords[in.Index]
		from := ""
		if l.movesOutside(a) {
			from = coordName(in.Index)
		}
		return fmt.Sprintf("float32(%s)", l.nest.offset(from, a, l.inner, last+1))
	}
	t := l.args[in.Index]
	if l.isNumber(t) {
		return t.name
	}
	return l.elementOf(t)
}

// coordName names the parameter that tells where along an axis the function's part begins.
func coordName(axis int) string { return fmt.Sprintf("from%d", axis) }

// elementOf prints the element of a tensor in the innermost loop.
func (l *loop) elementOf(t *tensor) string {
	last := len(l.nest.axes) - 1
	open, ok := l.windows[t]
	switch {
	case ok && t.Stride[last] == 0:
		return open
	case ok:
		return l.number(t, open+"["+l.nest.axes[last].name+"]")
	}
	at := l.nest.offset(fmt.Sprint(t.Lead), t.Access, l.inner, last+1)
	return l.number(t, t.name+"["+at+"]")
}

// store emits the body of the innermost loop: the results by element, and the sums.
func (l *loop) store(c *host.Code) {
	for k, o := range l.outs {
		c.Line("%s = %s", l.elementOf(o), l.print.value(l.steps.Outs[k].Instr, precLowest))
	}
	l.accumulate(c)
}

// load emits variables for the elements that are read more than once, or after a result
// that replaces them is stored.
func (l *loop) load(c *host.Code) {
	uses, _ := l.needed(l.steps.Line.Result)
	for k, in := range l.steps.Line.Code {
		if in.Op != scalar.In || uses[k] == 0 || l.level(k) < len(l.nest.axes) {
			continue
		}
		if uses[k] == 1 && !l.overwritten(in.Index) {
			continue
		}
		t := l.args[in.Index]
		name := l.scope.Fresh(t.elementName())
		c.Line("%s := %s", name, l.elementOf(t))
		l.print.known[k] = name
	}
}

// overwritten reports whether a result is stored in place of an argument that a result behind it
// reads. Folds come behind all results that are stored.
func (l *loop) overwritten(arg int) bool {
	n := l.steps
	x := n.Args[arg].Buffer
	for i, o := range n.Outs {
		ofKernel := l.plan.Args[arg].Buffer == nil && n.Reads(o.Instr, arg)
		if x == nil || ofKernel || !overlap(x, o.Buffer) {
			continue // what is made of a kernel's result has a variable if others read it as well
		}
		for _, later := range n.Outs[i+1:] {
			if n.Reads(later.Instr, arg) {
				return true
			}
		}
		for _, f := range n.Folds {
			if n.Reads(n.Line.Result[f.Result], arg) {
				return true
			}
		}
	}
	return false
}

// overlap reports whether two buffers share memory.
func overlap(a, b *plan.Buffer) bool {
	return a.Space == b.Space && a.Offset < b.Offset+b.Size && b.Offset < a.Offset+a.Size
}
