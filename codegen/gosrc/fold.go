package gosrc

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gradc/gradc/codegen/goasm"
	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// accumulator is a sum of a nest with its name.
type accumulator struct {
	*plan.Sum
	name string
}

// fold is a folded result of a nest with the names of what it is made of.
type fold struct {
	*plan.Fold
	out     *plan.LoopOut
	targets []*tensor
}

// access returns where an accumulator's elements lie in their array.
func (a *accumulator) access() plan.Access { return plan.Access{Stride: a.Stride} }

func (a *accumulator) typ() string { return a.Kind.Type() }

// addFolds names where folds are stored.
func (l *loop) addFolds() {
	for i := range l.steps.Folds {
		f := &fold{Fold: &l.steps.Folds[i]}
		f.out = &l.plan.Outs[f.Result]
		for j := range f.Targets {
			suffix := ""
			if f.Partial {
				suffix = []string{"Part", "Spread"}[j]
			}
			f.targets = append(f.targets, l.tensor(&f.Targets[j], suffix))
		}
		l.folds = append(l.folds, f)
	}
}

// addSums names the accumulators after what they hold, and after the first of the folds that they
// are for where these fold different things.
func (l *loop) addSums() {
	names := map[plan.SumKind]string{plan.Total: "total", plan.Largest: "largest",
		plan.Squares: "squares"}
	for i := range l.steps.Sums {
		a := &accumulator{Sum: &l.steps.Sums[i]}
		name := names[a.Kind]
		if l.differ() {
			name = host.LocalName(l.firstOf(i).out.Name, l.layer) + host.Exported(name)
		}
		a.name = l.scope.Fresh(name)
		l.sums = append(l.sums, a)
	}
}

// firstOf returns the first fold that a sum is for.
func (l *loop) firstOf(sum int) *fold {
	at := slices.IndexFunc(l.folds, func(f *fold) bool {
		return f.Sum == sum || f.Fold.Fold == "var" && f.Squares == sum
	})
	return l.folds[at]
}

// differ reports whether the folds of the loop fold different things.
func (l *loop) differ() bool {
	result := func(f *fold) int { return l.steps.Line.Result[f.Result] }
	return slices.ContainsFunc(l.folds, func(f *fold) bool {
		return result(f) != result(l.folds[0])
	})
}

// openSums declares the accumulators that run along axis i and further in.
func (l *loop) openSums(c *host.Code, i int) {
	for _, a := range l.sums {
		if a.Level != i {
			continue
		}
		switch {
		case a.Kind != plan.Largest && a.Size == 1:
			c.Line("var %s %s", a.name, a.typ())
		case a.Size == 1:
			c.Line("%s := float32(math.Inf(-1))", a.name)
		default:
			c.Line("var %s [%d]%s", a.name, a.Size, a.typ())
		}
		if a.Kind == plan.Largest && a.Size > 1 {
			c.Block(fmt.Sprintf("for i := range %s", a.name), func(c *host.Code) {
				c.Line("%s[i] = float32(math.Inf(-1))", a.name)
			})
		}
	}
}

// sumElement prints an accumulator's element in the function.
func (l *loop) sumElement(a *accumulator) string {
	if l.sumPointers(a) == 1 || a.Size == 1 {
		return a.name
	}
	return fmt.Sprintf("%s[%s]", a.name, l.nest.offset("", a.access(), l.inner, len(l.nest.axes)))
}

// sumPointers returns how many elements of an accumulator the function sees, 0 if it is its own.
func (l *loop) sumPointers(a *accumulator) int {
	return l.steps.Visible(a.Sum)
}

// pointer prints the part of an accumulator that the function gets.
func (l *loop) pointer(a *accumulator) string {
	at := l.offset("", a.access(), true)
	n := l.sumPointers(a)
	switch {
	case a.Size == 1 || n == a.Size:
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
		if done[a.Instr] {
			continue
		}
		done[a.Instr] = true
		l.accumulateInstr(c, a.Instr)
	}
}

func (l *loop) accumulateInstr(c *host.Code, instr int) {
	var wide string
	uses := 0
	for _, a := range l.sums {
		if a.Instr == instr && a.Kind != plan.Largest {
			uses++
			if a.Kind == plan.Squares {
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
		case a.Instr != instr:
		case a.Kind == plan.Largest:
			c.Line("%s = max(%s, %s)", e, e, value)
		case a.Kind == plan.Squares:
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
		if f.Level == i {
			list = append(list, f)
		}
	}
	for len(list) > 0 { // those that keep the same axes share their loops
		first := list[0]
		keeps := l.steps.Kept(first.Fold)
		var same, rest []*fold
		for _, f := range list {
			if slices.Equal(l.steps.Kept(f.Fold), keeps) {
				same = append(same, f)
			} else {
				rest = append(rest, f)
			}
		}
		l.storeFolds(c, same, keeps)
		list = rest
	}
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
	inMethod := list[0].Level < l.inner
	count := l.countOf(axes[0])
	if inMethod && x.Ragged {
		count = fmt.Sprintf("min(%d, %d-block*%d)", goasm.Lanes, l.steps.Domain[x.Of()], goasm.Lanes)
	}
	body := &host.Code{}
	l.storeFolds(body, list, axes[1:])
	if inMethod && axes[0] < l.inner && x.Pieces() > 1 {
		c.Block(l.rangeOver(x), func(c *host.Code) { c.Add(body) })
		return
	}
	c.LoopOver(x.name, count, body)
}

// storeFold emits what a fold makes of its accumulators.
func (l *loop) storeFold(c *host.Code, f *fold) {
	var at []string
	inMethod := f.Level < l.inner
	for _, t := range f.targets {
		at = append(at, l.targetElement(t, inMethod))
	}
	e := func(number int) string {
		a := l.sums[number]
		if a.Size == 1 {
			return a.name
		}
		if !inMethod {
			return l.sumElement(a)
		}
		return fmt.Sprintf("%s[%s]", a.name, sum(l.offset("", a.access(), true),
			l.nest.offset("", a.access(), l.inner, len(l.nest.axes))))
	}
	count := l.foldCount(f, inMethod)
	switch {
	case f.out.Fold == "max":
		c.Line("%s = %s", at[0], e(f.Sum))
	case f.out.Fold == "sum" || f.out.Fold == "mean" && f.Partial:
		c.Line("%s = float32(%s)", at[0], e(f.Sum))
	case f.out.Fold == "mean":
		c.Line("%s = float32(%s / %s)", at[0], e(f.Sum), count)
	default:
		mean, spread := l.scope.Fresh("average"), l.scope.Fresh("spread")
		c.Line("%s := %s / %s", mean, e(f.Sum), count)
		c.Line("%s := max(0, %s-%s*%s)", spread, e(f.Squares), e(f.Sum), mean)
		if f.Partial {
			c.Line("%s = float32(%s)", at[0], mean)
			c.Line("%s = float32(%s)", at[1], spread)
		} else {
			c.Line("%s = float32(%s / %s)", at[0], spread, count)
		}
	}
}

// targetElement prints the element of a folded result, in the method or in the function.
func (l *loop) targetElement(t *tensor, inMethod bool) string {
	inner := l.nest.offset("", t.Access, l.inner, len(l.nest.axes))
	if !inMethod {
		return fmt.Sprintf("%s[%s]", t.name, inner)
	}
	return fmt.Sprintf("%s[%s]", t.home, sum(l.offset(l.begins(t), t.Access, false), inner))
}

// foldCount prints the number of elements that a task folds into one.
func (l *loop) foldCount(f *fold, inMethod bool) string {
	n := 1
	var terms []string
	for i, x := range l.nest.axes {
		if !slices.Contains(f.Axes, x.Of()) || x.Single() {
			continue
		}
		count, even := x.Count()
		switch {
		case x.Shared && !inMethod:
			terms = append(terms, l.countOf(i))
		case even:
			n *= count
		case x.Part() == plan.OverLanes: // the whole axis is folded: blocks and lanes together
			n = n / ir.Ceil(l.steps.Domain[x.Of()], goasm.Lanes) * l.steps.Domain[x.Of()]
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

// foldTensors returns the targets that the function stores itself.
func (l *loop) foldTensors() []*tensor {
	var list []*tensor
	for _, f := range l.folds {
		if f.Level >= l.inner {
			list = append(list, f.targets...)
		}
	}
	return list
}
