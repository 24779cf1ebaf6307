package fuzznet

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/interp"
)

// How far float32 may be from float64.
const (
	// A result passes at once if it is as near as this, relative to its tensor's largest element.
	near = 4e-6
	// Else the reference is run some times with noise in the place of roundings, which tells how
	// much results depend on them, and bends such as that of ReLU on which side they fall. What
	// it moves by, times this, is allowed.
	margin = 8
	// Times that it is run at first, where that does not do, and before a result is said to be
	// wrong: a bend is near enough to matter in few networks, but then each run takes either side.
	oneRun, fewRuns, manyRuns = 1, 3, 24
)

// judge compares results of one step with what the reference says.
type judge struct {
	compute func(interp.Env) (named, error)
	env     interp.Env
	want    named

	rand  *rand.Rand
	runs  int
	moved map[string][]float64 // largest distances, by name and element
	tally *Tally
}

func newJudge(env interp.Env, compute func(interp.Env) (named, error), t *Tally) (*judge, error) {
	want, err := compute(env)
	return &judge{compute: compute, env: env, want: want, rand: rand.New(rand.NewPCG(1, 2)),
		moved: map[string][]float64{}, tally: t}, err
}

// compare returns what is wrong with a result, or nothing.
func (j *judge) compare(name string, got []float32) (string, error) {
	want := j.want[name]
	if len(got) != len(want) {
		return fmt.Sprintf("%s has %d elements, want %d", name, len(got), len(want)), nil
	}
	j.tally.Tensors++
	largest := 0.0
	for _, w := range want {
		largest = max(largest, math.Abs(w))
	}
	base := near*largest + 1e-30
	if off(got, want, nil, base) < 0 {
		j.tally.Near++
		return "", nil
	}
	for _, runs := range []int{oneRun, fewRuns, manyRuns} {
		if err := j.perturb(runs); err != nil {
			return "", err
		}
		allowed, widest := j.allowed(name)
		i := off(got, want, allowed, base)
		if i < 0 {
			if runs < manyRuns {
				j.tally.Few++
			} else {
				j.tally.Many++
			}
			if widest > 0.01*max(largest, 1e-3*j.steepest()) {
				j.tally.Loose++
			}
			return "", nil
		}
		if runs == manyRuns {
			return fmt.Sprintf("%s[%d] is %.9g, want %.9g ± %.2g", name, i, got[i], want[i],
				allowed[i]+base), nil
		}
	}
	return "", nil
}

// steepest returns the largest element of all gradients.
func (j *judge) steepest() float64 {
	largest := 0.0
	for name, list := range j.want {
		if _, ok := gradientOf(name); ok {
			for _, e := range list {
				largest = max(largest, math.Abs(e))
			}
		}
	}
	return largest
}

// off returns the first element that is off by more than allowed and base, or -1.
func off(got []float32, want, allowed []float64, base float64) int {
	for i, w := range want {
		within := base
		if allowed != nil {
			within += allowed[i]
		}
		if !(math.Abs(float64(got[i])-w) <= within) {
			return i
		}
	}
	return -1
}

// allowed returns how far the elements of a result may be off: as far as noise moved them, or those
// of the tensor on average.
func (j *judge) allowed(name string) (list []float64, widest float64) {
	moved := j.moved[name]
	squares := 0.0
	for _, m := range moved {
		squares += m * m / float64(len(moved))
	}
	for _, m := range moved {
		list = append(list, margin*max(m, math.Sqrt(squares)))
		widest = max(widest, list[len(list)-1])
	}
	return list, widest
}

// perturb runs the reference with noise until it has been run some times.
func (j *judge) perturb(runs int) error {
	for ; j.runs < runs; j.runs++ {
		env := j.env
		size := 1.0
		if j.runs >= fewRuns && j.runs%2 == 1 {
			size = 4
		}
		env.Noise = func() float64 { return size * (2*j.rand.Float64() - 1) }
		results, err := j.compute(env)
		if err != nil {
			return err
		}
		for name, list := range results {
			if j.moved[name] == nil {
				j.moved[name] = make([]float64, len(list))
			}
			for i, e := range list {
				distance := math.Abs(e - j.want[name][i])
				j.moved[name][i] = max(j.moved[name][i], distance)
			}
		}
	}
	return nil
}
