package gosrc

import (
	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/ir"
)

// This file makes the size of a function's outermost loop an argument where layers of several sizes
// share the function then.

// sizes are those of loops that differ in nothing else, by what the loops compute.
type sizes map[string]map[int]bool

// sizesOf emits the steps in order to see what loops there are.
func sizesOf(n *host.Net) (sizes, error) {
	trial := host.NewNet(host.Network{Plan: n.Plan, Model: n.Model})
	e := newEmitter(trial, nil)
	e.sizes, e.survey = sizes{}, true
	for _, t := range trial.Tables() {
		if err := e.steps(&host.Code{}, t); err != nil {
			return nil, err
		}
	}
	return e.sizes, nil
}

// takeSize makes the size an argument if that is of use.
func (l *loop) takeSize() {
	if !l.canTakeSize() {
		return
	}
	a := &l.nest.axes[l.inner]
	a.sized = true
	d, ok := l.describe()
	if key := d.Key(); ok && l.survey {
		if l.sizes[key] == nil {
			l.sizes[key] = map[int]bool{}
		}
		l.sizes[key][d.Axes[0].Count] = true
	} else {
		a.sized = ok && len(l.sizes[key]) > 1
	}
}

// canTakeSize reports whether nothing but the outermost loop depends on its size.
func (l *loop) canTakeSize() bool {
	a := &l.nest.axes[l.inner]
	n, even := a.count()
	if l.bordered() || !even || n%fewest != 0 || a.part == lane {
		return false
	}
	for _, s := range l.sums {
		if s.stride[l.inner] != 0 {
			return false // they are an array of that size
		}
	}
	return true
}

// fewest is what a size must be a multiple of: others are rarely those of several layers, and their
// loops cannot be unrolled.
const fewest = 4

// multiple returns a power of two that the size is a multiple of, no larger than functions make use
// of, so that they have it in common.
func (l *loop) multiple() int {
	n, _ := l.nest.axes[l.inner].count()
	m := 1
	for m < ir.Lanes && n%(2*m) == 0 {
		m *= 2
	}
	return m
}

// fixed returns the number of iterations of axis i in the function, if it is not an argument.
func (l *loop) fixed(i int) (int, bool) {
	n, even := l.nest.axes[i].count()
	return n, even && !l.nest.axes[i].sized
}
