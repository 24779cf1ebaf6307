package subject

import (
	"fmt"
	"math"
	"slices"

	"github.com/gradc/gradc/runtime/parallel"
)

// run does what a case asks for with each number of threads, and with one that takes the tasks of
// every step in descending order.
func run(build Build, c *Case) (first Result) {
	for i, threads := range c.Threads {
		r := train(build, c, threads, false)
		if i == 0 {
			first = r
		}
		if r.Fault == "" {
			r.Fault = difference(&r, &first)
		}
		if r.Fault != "" {
			first.Fault = fmt.Sprintf("threads %d: %s", threads, r.Fault)
			return first
		}
	}
	r := train(build, c, 1, true)
	if r.Fault == "" {
		r.Fault = difference(&r, &first)
	}
	if r.Fault != "" {
		first.Fault = "tasks in descending order: " + r.Fault
	}
	return first
}

// train does what a case asks for. What a network has not written yet is NaN.
func train(build Build, c *Case, threads int, descending bool) (r Result) {
	defer func() {
		if e := recover(); e != nil {
			r.Fault = fmt.Sprint("panic: ", e)
		}
	}()
	pool := parallel.NewPool(threads)
	defer pool.Close()
	s := build(c.Seed, pool)
	if descending {
		s.descend()
	}
	for _, block := range [][]float32{s.Arena, s.Grads} {
		for i := range block {
			block[i] = float32(math.NaN())
		}
	}
	for i := range c.Steps {
		r.Steps = append(r.Steps, s.step(&c.Steps[i], int64(i), int64(len(c.Steps))))
	}
	s.take(&c.Eval)
	s.Network.Infer(c.Eval.Images, c.Eval.Labels)
	r.Logits, r.Losses = slices.Clone(s.Network.Logits()), slices.Clone(s.Network.Losses())
	return r
}

// descend has the tasks of all steps run from the last to the first.
func (s *Subject) descend() {
	for _, pass := range s.Passes {
		for i := range pass {
			k := &pass[i]
			run, tasks := k.Run, k.Tasks
			k.Run = func(task int) { run(tasks - 1 - task) }
		}
	}
}

// take puts the state that a step begins with into the network.
func (s *Subject) take(step *Step) {
	n := s.Network
	for _, b := range []struct{ to, from []float32 }{
		{n.Params(), step.Params}, {n.Moments(), step.Moments}, {n.States(), step.States}} {
		if b.from != nil {
			copy(b.to, b.from)
		}
	}
}

func (s *Subject) step(step *Step, number, total int64) StepResult {
	s.take(step)
	n := s.Network
	recipe := n.Spec().Recipe
	rate := float32(recipe.LearningRate * recipe.Schedule.Rate(number, total))
	loss := n.Step(step.Images, step.Labels, number, rate)
	return StepResult{rate, loss, slices.Clone(n.Logits()), slices.Clone(n.Params()),
		slices.Clone(n.Moments()), slices.Clone(n.States()), slices.Clone(s.Grads)}
}

// difference tells the first number of two results that differs, or nothing.
func difference(got, want *Result) string {
	for i := range want.Steps {
		g, w := &got.Steps[i], &want.Steps[i]
		for _, b := range []struct {
			name      string
			got, want []float32
		}{
			{"loss", []float32{g.Loss}, []float32{w.Loss}}, {"logits", g.Logits, w.Logits},
			{"grads", g.Grads, w.Grads}, {"params", g.Params, w.Params},
			{"moments", g.Moments, w.Moments}, {"states", g.States, w.States},
		} {
			if text := firstDifference(b.got, b.want); text != "" {
				return fmt.Sprintf("step %d: %s%s", i, b.name, text)
			}
		}
	}
	if text := firstDifference(got.Logits, want.Logits); text != "" {
		return "evaluation: logits" + text
	}
	if text := firstDifference(got.Losses, want.Losses); text != "" {
		return "evaluation: losses" + text
	}
	return ""
}

func firstDifference(got, want []float32) string {
	for i, w := range want {
		if math.Float32bits(got[i]) != math.Float32bits(w) {
			return fmt.Sprintf("[%d] is %g, at first it was %g", i, got[i], w)
		}
	}
	return ""
}
