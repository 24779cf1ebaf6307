package gosrc

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// accumulator is a running sum or maximum of a loop, one per element that its fold keeps. Sums are
// of float64, so that their error does not grow with the number of elements.
type accumulator struct {
	*access
	name  string
	kind  string // sum, squares or max
	instr int    // what is accumulated
	level int    // the first axis of the nest that it runs along; it is open around that loop
	size  int
}

// fold is a folded result of a loop: what is made of accumulators when they are complete.
type fold struct {
	out     *plan.LoopOut
	result  int // number of out
	level   int
	of      map[string]*accumulator // by kind
	targets []*tensor               // where the result is stored, or the piece's partial results
	partial bool
}

func (a *accumulator) typ() string {
	if a.kind == "max" {
		return "float32"
	}
	return "float64"
}

// addFolds adds where the folds of the loop are stored. Where one runs across the pieces of axis 0,
// each piece stores a partial result.
func (l *loop) addFolds(partial *plan.Buffer) {
	behind := 0
	for k := range l.plan.Outs {
		out := &l.plan.Outs[k]
		if out.Fold == "" {
			continue
		}
		f := &fold{out: out, result: k, of: map[string]*accumulator{}}
		f.partial = l.cuts[0].Pieces > 1 && slices.Contains(out.Axes, 0)
		if f.partial {
			behind += l.partialTargets(f, partial, behind)
		} else {
			f.targets = []*tensor{l.tensor(out.Operand, place{})}
		}
		l.folds = append(l.folds, f)
	}
}

// addSums makes the accumulators of the folds.
func (l *loop) addSums() {
	for _, f := range l.folds {
		f.level = l.levelOf(f.out.Axes)
		kinds := map[string][]string{"sum": {"sum"}, "mean": {"sum"}, "max": {"max"},
			"var": {"sum", "squares"}}[f.out.Fold]
		if kinds == nil {
			panic("gosrc: there are no sums for the fold " + f.out.Fold)
		}
		for _, kind := range kinds {
			f.of[kind] = l.accumulator(kind, l.line.Result[f.result], f.out)
		}
	}
}

// levelOf returns the first axis of the nest that a fold along axes runs along, or the number of
// axes if a task has one element only to fold.
func (l *loop) levelOf(axes []int) int {
	for i, a := range l.nest.axes {
		if slices.Contains(axes, a.of) && !a.single() {
			return i
		}
	}
	return len(l.nest.axes)
}

// accumulator returns the accumulator of instruction instr for a result; results that fold the
// same share it.
func (l *loop) accumulator(kind string, instr int, out *plan.LoopOut) *accumulator {
	level := l.levelOf(out.Axes)
	a := &accumulator{access: &access{}, kind: kind, instr: instr, level: level, size: 1}
	a.stride = make([]int, len(l.nest.axes))
	for i := len(l.nest.axes) - 1; i > level; i-- {
		x := l.nest.axes[i]
		if slices.Contains(out.Axes, x.of) || x.single() {
			continue
		}
		n, _ := x.count()
		if level < l.inner && x.short() {
			n = ir.Lanes // a twin of the function adds up whole blocks
		}
		a.stride[i] = a.size
		a.size *= n
	}
	for _, b := range l.sums {
		if b.kind == kind && b.instr == instr && b.level == level &&
			slices.Equal(a.stride, b.stride) {
			return b
		}
	}
	name := map[string]string{"sum": "total", "max": "largest", "squares": "squares"}[kind]
	if l.differ() {
		name = host.LocalName(out.Name, l.layer) + host.Exported(name)
	}
	a.name = l.scope.Fresh(name)
	l.sums = append(l.sums, a)
	return a
}

// differ reports whether the folds of the loop fold different things.
func (l *loop) differ() bool {
	for _, f := range l.folds {
		if l.line.Result[f.result] != l.line.Result[l.folds[0].result] {
			return true
		}
	}
	return false
}

// partialTargets adds the places of a fold's partial results and returns how many numbers they
// take over all pieces.
func (l *loop) partialTargets(f *fold, buffer *plan.Buffer, behind int) int {
	t := ir.Type{Shape: f.out.Type.Shape}
	elements, stats := t.Shape.Elements(), f.out.Stats()
	home, at := l.Home(buffer)
	for j := range stats {
		name := host.LocalName(f.out.Name, l.layer) + []string{"Part", "Spread"}[j]
		target := &tensor{Operand: plan.Operand{Type: t, Name: f.out.Name}, home: home,
			name:   l.scope.Fresh(name),
			access: l.nest.tensor(l.plan.Domain.Shape, t)}
		target.at = sum(at, fmt.Sprint(behind+j*elements), times(l.piece[0], stats*elements))
		f.targets = append(f.targets, target)
	}
	return l.cuts[0].Pieces * stats * elements
}

// openSums declares the accumulators that run along axis i and further in.
func (l *loop) openSums(c *host.Code, i int) {
	for _, a := range l.sums {
		if a.level != i {
			continue
		}
		switch {
		case a.kind != "max" && a.size == 1:
			c.Line("var %s %s", a.name, a.typ())
		case a.size == 1:
			c.Line("%s := float32(math.Inf(-1))", a.name)
		default:
			c.Line("var %s [%d]%s", a.name, a.size, a.typ())
		}
		if a.kind == "max" && a.size > 1 {
			c.Block(fmt.Sprintf("for i := range %s", a.name), func(c *host.Code) {
				c.Line("%s[i] = float32(math.Inf(-1))", a.name)
			})
		}
	}
}

// element prints an accumulator's element in the function.
func (l *loop) sumElement(a *accumulator) string {
	if l.sumPointers(a) == 1 || a.size == 1 {
		return a.name
	}
	return fmt.Sprintf("%s[%s]", a.name, l.nest.offset("", a.access, l.inner, len(l.nest.axes)))
}

// sumPointers returns how many elements of an accumulator the function sees, 0 if it is its own.
func (l *loop) sumPointers(a *accumulator) int {
	if a.level >= l.inner {
		return 0
	}
	size := 1
	for i := l.inner; i < len(l.nest.axes); i++ {
		if a.stride[i] > 0 {
			n, _ := l.nest.axes[i].count()
			if l.nest.axes[i].short() {
				n = ir.Lanes
			}
			size *= n
		}
	}
	return size
}

// pointer prints the part of an accumulator that the function gets.
func (l *loop) pointer(a *accumulator) string {
	at := l.offset("", a.access, true)
	n := l.sumPointers(a)
	switch {
	case a.size == 1 || n == a.size:
		return "&" + a.name
	case n == 1:
		return fmt.Sprintf("&%s[%s]", a.name, at)
	}
	return fmt.Sprintf("(*[%d]%s)(%s[%s:])", n, a.typ(), a.name, at)
}

// accumulate adds the element's value to all accumulators.
func (l *loop) accumulate(c *host.Code) {
	done := map[int]bool{}
	for _, a := range l.sums {
		if done[a.instr] {
			continue
		}
		done[a.instr] = true
		l.accumulateInstr(c, a.instr)
	}
}

func (l *loop) accumulateInstr(c *host.Code, instr int) {
	var wide string
	uses := 0
	for _, a := range l.sums {
		if a.instr == instr && a.kind != "max" {
			uses++
			if a.kind == "squares" {
				uses++
			}
		}
	}
	value := l.print.value(instr, precLowest)
	if uses > 1 {
		wide = l.scope.Fresh("wide")
		c.Line("%s := float64(%s)", wide, value)
	} else {
		wide = "float64(" + value + ")"
	}
	for _, a := range l.sums {
		switch e := l.sumElement(a); {
		case a.instr != instr:
		case a.kind == "max":
			c.Line("%s = max(%s, %s)", e, e, value)
		case a.kind == "squares":
			c.Line("%s += %s*%s", e, wide, wide)
		default:
			c.Line("%s += %s", e, wide)
		}
	}
}

// closeSums stores the results of the folds that run along axis i and further in.
func (l *loop) closeSums(c *host.Code, i int) {
	var list []*fold
	for _, f := range l.folds {
		if f.level == i {
			list = append(list, f)
		}
	}
	for len(list) > 0 { // those that keep the same axes share their loops
		first := list[0]
		keeps := l.kept(first)
		var same, rest []*fold
		for _, f := range list {
			if slices.Equal(l.kept(f), keeps) {
				same = append(same, f)
			} else {
				rest = append(rest, f)
			}
		}
		l.storeFolds(c, same, keeps)
		list = rest
	}
}

// kept returns the axes of the nest that the elements of a fold's accumulators differ by.
func (l *loop) kept(f *fold) []int {
	var axes []int
	for i := f.level + 1; i < len(l.nest.axes); i++ {
		x := l.nest.axes[i]
		if !slices.Contains(f.out.Axes, x.of) && !x.single() {
			axes = append(axes, i)
		}
	}
	return axes
}

// storeFolds emits the loops over the kept axes, and the results within.
func (l *loop) storeFolds(c *host.Code, list []*fold, axes []int) {
	if len(axes) == 0 {
		for _, f := range list {
			l.storeFold(c, f)
		}
		return
	}
	x := l.nest.axes[axes[0]]
	inMethod := list[0].level < l.inner
	count := l.countOf(axes[0])
	if inMethod && x.ragged {
		count = fmt.Sprintf("min(%d, %d-block*%d)", ir.Lanes, l.plan.Domain.Shape[x.of], ir.Lanes)
	}
	body := &host.Code{}
	l.storeFolds(body, list, axes[1:])
	if inMethod && axes[0] < l.inner && x.pieces > 1 {
		c.Block(l.rangeOver(x), func(c *host.Code) { c.Add(body) })
		return
	}
	c.LoopOver(x.name, count, body)
}

// storeFold emits what a fold makes of its accumulators.
func (l *loop) storeFold(c *host.Code, f *fold) {
	var at []string
	inMethod := f.level < l.inner
	for _, t := range f.targets {
		at = append(at, l.targetElement(t, inMethod))
	}
	e := func(kind string) string {
		a := f.of[kind]
		if a.size == 1 {
			return a.name
		}
		if !inMethod {
			return l.sumElement(a)
		}
		return fmt.Sprintf("%s[%s]", a.name, sum(l.offset("", a.access, true),
			l.nest.offset("", a.access, l.inner, len(l.nest.axes))))
	}
	count := l.foldCount(f, inMethod)
	switch {
	case f.out.Fold == "max":
		c.Line("%s = %s", at[0], e("max"))
	case f.out.Fold == "sum" || f.out.Fold == "mean" && f.partial:
		c.Line("%s = float32(%s)", at[0], e("sum"))
	case f.out.Fold == "mean":
		c.Line("%s = float32(%s / %s)", at[0], e("sum"), count)
	default:
		mean, spread := l.scope.Fresh("average"), l.scope.Fresh("spread")
		c.Line("%s := %s / %s", mean, e("sum"), count)
		c.Line("%s := max(0, %s-%s*%s)", spread, e("squares"), e("sum"), mean)
		if f.partial {
			c.Line("%s = float32(%s)", at[0], mean)
			c.Line("%s = float32(%s)", at[1], spread)
		} else {
			c.Line("%s = float32(%s / %s)", at[0], spread, count)
		}
	}
}

// targetElement prints the element of a folded result, in the method or in the function.
func (l *loop) targetElement(t *tensor, inMethod bool) string {
	inner := l.nest.offset("", t.access, l.inner, len(l.nest.axes))
	if !inMethod {
		return fmt.Sprintf("%s[%s]", t.name, inner)
	}
	at := t.at
	if t.base != 0 {
		at = sum(at, fmt.Sprint(t.base))
	}
	return fmt.Sprintf("%s[%s]", t.home, sum(l.offset(at, t.access, false), inner))
}

// foldCount prints the number of elements that a task folds into one.
func (l *loop) foldCount(f *fold, inMethod bool) string {
	n := 1
	var terms []string
	for i, x := range l.nest.axes {
		if !slices.Contains(f.out.Axes, x.of) || x.single() {
			continue
		}
		count, even := x.count()
		switch {
		case x.sized && !inMethod:
			terms = append(terms, l.countOf(i))
		case even:
			n *= count
		case x.part == lane: // the whole axis is folded: blocks and lanes together
			n = n / l.blocksOf(x.of) * l.plan.Domain.Shape[x.of]
		case i < l.inner || inMethod:
			from, to := l.ends(x)
			terms = append(terms, fmt.Sprintf("(%s-%s)", to, from))
		default:
			terms = append(terms, l.countOf(i))
		}
	}
	if len(terms) == 0 {
		return fmt.Sprint(n)
	}
	if n > 1 {
		terms = append(terms, fmt.Sprint(n))
	}
	return "float64(" + strings.Join(terms, "*") + ")"
}

func (l *loop) blocksOf(of int) int {
	return (l.plan.Domain.Shape[of] + ir.Lanes - 1) / ir.Lanes
}

// foldTensors returns the targets that the function stores itself.
func (l *loop) foldTensors() []*tensor {
	var list []*tensor
	for _, f := range l.folds {
		if f.level >= l.inner {
			list = append(list, f.targets...)
		}
	}
	return list
}
