package dsl

import (
	"cmp"

	"github.com/gradc/gradc/compiler/ir"
)

// Schedule is how the learning rate changes over the steps of a training: a factor in [0, 1] on
// the optimizer's rate. One step trains one batch.
type Schedule struct {
	calls  []*call
	choice ir.Choice
}

// Constant leaves the learning rate as it is. A recipe without a schedule has this one.
func Constant() Schedule {
	return newCall("Constant", "").schedule("constant")
}

// StepDecay multiplies the learning rate by gamma after every so many steps.
func StepDecay(steps int, gamma float64) Schedule {
	c := newCall("StepDecay", "")
	c.size("steps", steps, 1)
	c.fraction("gamma", gamma)
	return c.schedule("step", arg("every", float64(steps)), arg("gamma", gamma))
}

// Cosine lets the learning rate fall along half a cosine, down to the given factor at the end.
//
// Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017).
func Cosine(end float64) Schedule {
	c := newCall("Cosine", "")
	c.fraction("end", end)
	return c.schedule("cosine", arg("min", end))
}

// OneCycle lets the learning rate rise from 1/25 over the part rise of all steps, then fall to
// 4e-6, both along half a cosine; a usual rise is 0.3.
//
// Source: Smith and Topin, "Super-convergence" (2018).
func OneCycle(rise float64) Schedule {
	c := newCall("OneCycle", "")
	c.fraction("rise", rise)
	return c.schedule("one_cycle", arg("rise", rise), arg("start", 1.0/25), arg("end", 4e-6))
}

// Warmup lets the learning rate rise along a line for the first steps, to where then begins; then
// takes the steps that remain.
//
// Source: Goyal et al., "Accurate, large minibatch SGD" (2017).
func Warmup(steps int, then Schedule) Schedule {
	c := newCall("Warmup", "")
	c.size("steps", steps, 1)
	c.want(then.choice.Arg("warmup") == 0, "cannot be followed by another Warmup")
	name := cmp.Or(then.choice.Name, "constant")
	s := c.schedule(name, append([]ir.Arg{arg("warmup", float64(steps))}, then.choice.Args...)...)
	s.calls = append(s.calls, then.calls...)
	return s
}

// schedule returns a schedule as the compiler knows it: a Warmup is the argument warmup, in steps,
// of what comes after it.
func (c *call) schedule(name string, args ...ir.Arg) Schedule {
	return Schedule{[]*call{c}, ir.Choice{Name: name, Args: args}}
}
