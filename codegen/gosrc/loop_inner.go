package gosrc

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// This file holds the function of a loop: plain loops over slices. What does not change along the
// inner loops is computed before them.

// function returns the function's parameters and body.
func (l *loop) function() (params string, body *code) {
	l.print = printer{line: l.line, leaf: l.leafText, known: map[int]string{},
		bools: map[int]string{}}
	body = &code{}
	for _, a := range l.sums {
		if a.level < l.inner && l.sumPointers(a) == 1 {
			body.line("%s := *%sTo", a.name, a.name)
		}
	}
	for _, t := range l.outs {
		if t != nil && t.Type.Layout.Halo != [2]int{} {
			size, halo := t.Type.Shape[2:], t.Type.Layout.Halo
			body.line("%s(%s, %d, %d, %d, %d, %d)", l.helper(clearBorder), t.name, size[0],
				size[1], halo[0], halo[1], lanesOf(t.Type))
		}
	}
	l.inside(body, l.inner)
	for _, a := range l.sums {
		if a.level < l.inner && l.sumPointers(a) == 1 {
			body.line("*%sTo = %s", a.name, a.name)
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
		case l.isNumber(t.access) && !l.isResult(t):
			g.add(t.name, "float32")
		case t.Type.DType == ir.I32:
			g.add(t.name, "[]int32")
		default:
			g.add(t.name, "[]float32")
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
func (l *loop) inside(c *code, i int) {
	l.openSums(c, i)
	l.hoist(c, i)
	if i == len(l.nest.axes) {
		l.store(c)
	} else {
		a := l.nest.axes[i]
		body := &code{}
		if a.part == block && l.raggedLanes(a.of) {
			body.line("lanes := min(%d, %d-%s*%d)", ir.Lanes, l.plan.Domain.Shape[a.of],
				l.absolute(a), ir.Lanes)
		}
		l.inside(body, i+1)
		c.loopOver(a.name, l.countOf(i), body)
	}
	l.closeSums(c, i)
}

// absolute prints the number of a block, of which the function may see some only.
func (l *loop) absolute(a axis) string {
	if a.pieces > 1 {
		return "(" + firstBlock + "+" + a.name + ")"
	}
	return a.name
}

// Parameters of the function that tell its place in the domain.
const (
	firstBlock = "firstBlock"
	element    = "element"
)

// countOf prints the number of iterations of axis i in the function.
func (l *loop) countOf(i int) string {
	a := l.nest.axes[i]
	n, even := a.count()
	switch {
	case even:
		return fmt.Sprint(n)
	case a.ragged:
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
func (l *loop) opened(a *access) int {
	last := len(l.nest.axes) - 1
	for i := last - 1; i >= l.inner; i-- {
		if a.stride[i] != 0 {
			return i + 1
		}
	}
	return l.inner
}

// hoist emits what is known in front of the loop over axis i and used further in: windows on
// tensors, numbers, and the values of expressions.
func (l *loop) hoist(c *code, i int) {
	last := len(l.nest.axes) - 1
	if i > last {
		l.load(c)
	}
	for _, t := range l.tensors() {
		if l.isNumber(t.access) && !l.isResult(t) {
			continue
		}
		switch s := t.stride[last]; {
		case s == 1 && l.opened(t.access) == i && i <= last:
			l.openWindow(c, t)
		case s == 0 && l.opened(t.access) == i && !l.isResult(t) && i <= last:
			name := l.scope.fresh(t.name + "Value")
			c.line("%s := %s", name, l.number(t, t.name+"["+l.innerOffset(t)+"]"))
			l.windows[t] = name
		}
	}
	l.names(c, l.line.Result, func(k int) bool { return l.level(k) == i })
	if i < last {
		l.hoistLanes(c, i)
	}
}

// openWindow emits the part of a tensor that the innermost loop runs along.
func (l *loop) openWindow(c *code, t *tensor) {
	last := len(l.nest.axes) - 1
	n, even := l.nest.axes[last].count()
	at := l.innerOffset(t)
	if at == "0" {
		if even {
			c.line("%s = %s[:%d]", t.name, t.name, n)
		} else {
			c.line("%s = %s[:%s]", t.name, t.name, l.countOf(last))
		}
		l.windows[t] = t.name
		return
	}
	suffix := "Row"
	if l.nest.axes[last].part == lane {
		suffix = "Lanes"
	}
	name := l.scope.fresh(t.name + suffix)
	typ := "float32"
	if t.Type.DType == ir.I32 {
		typ = "int32"
	}
	if even {
		c.line("%s := (*[%d]%s)(%s[%s:])", name, n, typ, t.name, at)
	} else {
		c.line("%s := %s[%s:][:%s]", name, t.name, at, l.countOf(last))
	}
	l.windows[t] = name
}

// innerOffset prints the offset of a tensor's element, without the innermost loop.
func (l *loop) innerOffset(t *tensor) string {
	return l.nest.offset(fmt.Sprint(t.lead), t.access, l.inner, len(l.nest.axes)-1)
}

// leafText prints an In, Coord or Rand of the element.
func (l *loop) leafText(in scalar.Instr) string {
	last := len(l.nest.axes) - 1
	switch in.Op {
	case scalar.Rand:
		from := ""
		if l.movesOutside(l.index) {
			from = element
		}
		at := l.nest.offset(from, l.index, l.inner, last+1)
		return fmt.Sprintf("philox.Uniform(seed, %d, step, uint64(%s))", in.Index, at)
	case scalar.Coord:
		a := l.coords[in.Index]
		from := ""
		if l.movesOutside(a) {
			from = coordName(in.Index)
		}
		return fmt.Sprintf("float32(%s)", l.nest.offset(from, a, l.inner, last+1))
	}
	t := l.args[in.Index]
	if l.isNumber(t.access) {
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
	case ok && t.stride[last] == 0:
		return open
	case ok:
		return l.number(t, open+"["+l.nest.axes[last].name+"]")
	}
	at := l.nest.offset(fmt.Sprint(t.lead), t.access, l.inner, last+1)
	return l.number(t, t.name+"["+at+"]")
}

// findMoves notes along which axes of the nest the value of each instruction changes.
func (l *loop) findMoves() {
	l.moves = make([][]bool, len(l.line.Code))
	for k, in := range l.line.Code {
		l.moves[k] = make([]bool, len(l.nest.axes))
		var own *access
		switch in.Op {
		case scalar.In:
			own = l.args[in.Index].access
		case scalar.Coord:
			own = l.coords[in.Index]
		case scalar.Rand:
			own = l.index
		}
		for i := range l.nest.axes {
			l.moves[k][i] = own != nil && own.stride[i] != 0
			for _, arg := range in.Args[:in.Op.Arity()] {
				l.moves[k][i] = l.moves[k][i] || l.moves[arg][i]
			}
		}
	}
}

// level returns the axis of the function in front of whose loop instruction k is known; the number
// of axes if it changes in the innermost loop.
func (l *loop) level(k int) int {
	for i := len(l.nest.axes) - 1; i >= l.inner; i-- {
		if l.moves[k][i] {
			return i + 1
		}
	}
	return l.inner
}

// names emits variables for values that the roots need and that are eligible: those that are used
// more than once or in a loop further in, and those that would make a line too long.
func (l *loop) names(c *code, roots []int, eligible func(k int) bool) {
	uses, users := l.needed(roots)
	for k, in := range l.line.Code {
		if in.Op.Arity() == 0 && in.Op != scalar.Rand || uses[k] == 0 || !eligible(k) {
			continue
		}
		further := false
		for _, u := range users[k] {
			further = further || u == result || l.level(u) > l.level(k)
		}
		further = further && l.level(k) < len(l.nest.axes)
		value := l.print.value(k, precLowest)
		if len(value) > maxLine {
			l.nameArgs(c, k, eligible)
		}
		if further || uses[k] > 1 || len(l.print.value(k, precLowest)) > maxExpression {
			l.name(c, k)
		}
	}
}

// nameArgs emits variables for the longer arguments of instruction k.
func (l *loop) nameArgs(c *code, k int, eligible func(k int) bool) {
	in := l.line.Code[k]
	for _, arg := range in.Args[:in.Op.Arity()] {
		_, known := l.print.known[arg]
		_, isBool := l.print.bools[arg]
		if !known && !isBool && l.line.Code[arg].Op.Arity() > 0 && eligible(arg) &&
			len(l.print.value(arg, precLowest)) > maxLine/3 {
			l.name(c, arg)
		}
	}
}

// result stands for the use of a value as a result.
const result = -1

// needed counts how often the instructions that roots need are used, and by which, as far as they
// have no variables yet.
func (l *loop) needed(roots []int) (uses []int, users map[int][]int) {
	uses, users = make([]int, len(l.line.Code)), map[int][]int{}
	var visit func(k, user int)
	visit = func(k, user int) {
		if _, ok := l.print.known[k]; ok {
			return
		}
		if _, ok := l.print.bools[k]; ok {
			return
		}
		uses[k]++
		users[k] = append(users[k], user)
		if uses[k] > 1 {
			return
		}
		in := l.line.Code[k]
		for _, arg := range in.Args[:in.Op.Arity()] {
			visit(arg, k)
		}
	}
	for _, k := range roots {
		visit(k, result)
	}
	return uses, users
}

// An expression whose text is longer than maxExpression gets a variable; one that is longer than
// maxLine has variables for its longer arguments.
const (
	maxExpression = 60
	maxLine       = 72
)

// name emits a variable with the value of instruction k.
func (l *loop) name(c *code, k int) {
	op := l.line.Code[k].Op
	if op == scalar.Less || op == scalar.LessEq || op == scalar.Equal {
		name := l.scope.fresh("condition")
		c.line("%s := %s", name, l.print.condition(k))
		l.print.bools[k] = name
		return
	}
	name := l.scope.fresh(meaning(op))
	value := l.print.value(k, precLowest)
	if op == scalar.Const {
		value = "float32(" + value + ")"
	}
	c.line("%s := %s", name, value)
	l.print.known[k] = name
}

// hoistLanes emits what is known for each iteration of the innermost loop in front of the loops
// around it: per-channel factors, in front of the loop over pixels.
func (l *loop) hoistLanes(c *code, i int) {
	last := len(l.nest.axes) - 1
	n, _ := l.nest.axes[last].count()
	list := l.hoistable(i)
	if len(list) == 0 || n > maxHoisted {
		return
	}
	arrays := make([]string, len(list))
	for j, k := range list {
		arrays[j] = l.scope.fresh(meaning(l.line.Code[k].Op) + "s")
		c.line("var %s [%d]float32", arrays[j], n)
	}
	body, index := &code{}, l.nest.axes[last].name
	known, bools := maps.Clone(l.print.known), maps.Clone(l.print.bools)
	l.names(body, list, func(k int) bool {
		return l.laneLevel(k) == i && !slices.Contains(list, k)
	})
	for j, k := range list {
		body.line("%s[%s] = %s", arrays[j], index, l.print.value(k, precLowest))
	}
	c.loopOver(index, l.countOf(last), body)
	l.print.known, l.print.bools = known, bools // the variables were of that loop
	for j, k := range list {
		l.print.known[k] = fmt.Sprintf("%s[%s]", arrays[j], index)
	}
}

// hoistable returns the largest expressions that are worth an array in front of the loop over
// axis i.
func (l *loop) hoistable(i int) []int {
	uses, users := l.needed(l.line.Result)
	var list []int
	for k := range l.line.Code {
		if uses[k] == 0 || l.laneLevel(k) != i || l.costOf(k) < minHoisted {
			continue
		}
		for _, u := range users[k] {
			if u == result || l.laneLevel(u) != i {
				list = append(list, k)
				break
			}
		}
	}
	return list
}

// What is worth an array: expressions of some cost, over not too many elements.
const (
	minHoisted = 4
	maxHoisted = 1024
)

// laneLevel returns the axis in front of whose loop instruction k is known for all iterations of
// the innermost loop, -1 if it does not change along that.
func (l *loop) laneLevel(k int) int {
	last := len(l.nest.axes) - 1
	if !l.moves[k][last] {
		return -1
	}
	for i := last - 1; i >= l.inner; i-- {
		if l.moves[k][i] {
			return i + 1
		}
	}
	return l.inner
}

// costOf estimates the cost of the expression that ends with instruction k, in additions, up to
// what is worth an array.
func (l *loop) costOf(k int) int {
	in := l.line.Code[k]
	cost := 1
	switch in.Op {
	case scalar.Const, scalar.In, scalar.Coord:
		return 0
	case scalar.Div, scalar.Sqrt, scalar.Rsqrt, scalar.Exp, scalar.Log, scalar.Rand:
		cost = minHoisted
	}
	for _, arg := range in.Args[:in.Op.Arity()] {
		if cost < minHoisted {
			cost += l.costOf(arg)
		}
	}
	return cost
}

// store emits the body of the innermost loop: the results by element, and the sums.
func (l *loop) store(c *code) {
	for k, o := range l.outs {
		if o != nil {
			c.line("%s = %s", l.elementOf(o), l.print.value(l.line.Result[k], precLowest))
		}
	}
	l.accumulate(c)
}

// load emits variables for the elements that are read more than once.
func (l *loop) load(c *code) {
	uses, _ := l.needed(l.line.Result)
	for k, in := range l.line.Code {
		if in.Op != scalar.In || uses[k] < 2 || l.level(k) < len(l.nest.axes) {
			continue
		}
		t := l.args[in.Index]
		name := l.scope.fresh(t.name + "Value")
		c.line("%s := %s", name, l.elementOf(t))
		l.print.known[k] = name
	}
}
