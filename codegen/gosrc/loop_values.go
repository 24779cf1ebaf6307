package gosrc

import (
	"fmt"
	"maps"
	"slices"

	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
)

// This file decides where the values of a loop's expressions are computed: each as far outside as
// what it depends on allows, and once.

// findMoves notes along which axes of the nest the value of each instruction changes.
func (l *loop) findMoves() {
	l.moves = make([][]bool, len(l.steps.Line.Code))
	for k, in := range l.steps.Line.Code {
		l.moves[k] = make([]bool, len(l.nest.axes))
		var own *plan.Access
		switch in.Op {
		case scalar.In:
			own = &l.args[in.Index].Access
		case scalar.Coord:
			own = l.steps.Coords[in.Index]
		case scalar.Rand:
			own = l.steps.Index
		}
		for i := range l.nest.axes {
			l.moves[k][i] = own != nil && own.Stride[i] != 0
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
func (l *loop) names(c *host.Code, roots []int, eligible func(k int) bool) {
	uses, users := l.needed(roots)
	for k, in := range l.steps.Line.Code {
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
func (l *loop) nameArgs(c *host.Code, k int, eligible func(k int) bool) {
	in := l.steps.Line.Code[k]
	for _, arg := range in.Args[:in.Op.Arity()] {
		_, known := l.print.known[arg]
		_, isBool := l.print.bools[arg]
		if !known && !isBool && l.steps.Line.Code[arg].Op.Arity() > 0 && eligible(arg) &&
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
	uses, users = make([]int, len(l.steps.Line.Code)), map[int][]int{}
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
		in := l.steps.Line.Code[k]
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
func (l *loop) name(c *host.Code, k int) {
	op := l.steps.Line.Code[k].Op
	if op == scalar.Less || op == scalar.LessEq || op == scalar.Equal {
		name := l.scope.Fresh("condition")
		c.Line("%s := %s", name, l.print.condition(k))
		l.print.bools[k] = name
		return
	}
	name := l.scope.Fresh(l.valueName(k))
	value := l.print.value(k, precLowest)
	if op == scalar.Const {
		value = "float32(" + value + ")"
	}
	c.Line("%s := %s", name, value)
	l.print.known[k] = name
}

// hoistLanes emits what is known for each iteration of the innermost loop in front of the loops
// around it: per-channel factors, in front of the loop over pixels.
func (l *loop) hoistLanes(c *host.Code, i int) {
	last := len(l.nest.axes) - 1
	n, _ := l.nest.axes[last].Count()
	list := l.hoistable(i)
	if len(list) == 0 || n > maxHoisted {
		return
	}
	arrays := make([]string, len(list))
	for j, k := range list {
		arrays[j] = l.scope.Fresh(meaning(l.steps.Line.Code[k].Op) + "s")
		c.Line("var %s [%d]float32", arrays[j], n)
	}
	body, index := &host.Code{}, l.nest.axes[last].name
	known, bools := maps.Clone(l.print.known), maps.Clone(l.print.bools)
	l.names(body, list, func(k int) bool {
		return l.laneLevel(k) == i && !slices.Contains(list, k)
	})
	for j, k := range list {
		body.Line("%s[%s] = %s", arrays[j], index, l.print.value(k, precLowest))
	}
	c.LoopOver(index, l.countOf(last), body)
	l.print.known, l.print.bools = known, bools // the variables were of that loop
	for j, k := range list {
		l.print.known[k] = fmt.Sprintf("%s[%s]", arrays[j], index)
	}
}

// hoistable returns the largest expressions that are worth an array in front of the loop over
// axis i.
func (l *loop) hoistable(i int) []int {
	uses, users := l.needed(l.steps.Line.Result)
	var list []int
	for k := range l.steps.Line.Code {
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
	in := l.steps.Line.Code[k]
	cost := 1
	switch in.Op {
	case scalar.Const, scalar.In, scalar.Coord:
		return 0
	case scalar.Div, scalar.Sqrt, scalar.Rsqrt, scalar.Exp, scalar.Expm1, scalar.Log, scalar.Log1p,
		scalar.Rand:
		cost = minHoisted
	}
	for _, arg := range in.Args[:in.Op.Arity()] {
		if cost < minHoisted {
			cost += l.costOf(arg)
		}
	}
	return cost
}
