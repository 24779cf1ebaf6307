// Package schedule says how the learning rate changes over the steps of a training.
package schedule

import "math"

// Schedule gives the factor in [0, 1] on the recipe's learning rate at one step, counted from
// 0, of a training of total steps. Steps from total on get the factor of the end.
type Schedule interface {
	Rate(step, total int64) float64
}

// Constant leaves the learning rate as it is.
type Constant struct{}

// Rate returns 1.
func (Constant) Rate(step, total int64) float64 { return 1 }

// Step multiplies the learning rate by Gamma after every Every steps.
type Step struct {
	Every int64 // steps, at least 1; a smaller one counts as 1
	Gamma float64
}

// Rate returns Gamma^⌊step/Every⌋.
func (s Step) Rate(step, total int64) float64 {
	return math.Pow(s.Gamma, float64(step/max(s.Every, 1)))
}

// Cosine falls from 1 to Min along half a cosine: Loshchilov and Hutter, "SGDR: stochastic
// gradient descent with warm restarts" (2017), without the restarts.
type Cosine struct {
	Min float64
}

// Rate returns Min + (1-Min)·(1+cos(π·step/total))/2.
func (c Cosine) Rate(step, total int64) float64 {
	return between(1, c.Min, progress(step, total))
}

// Warmup rises along a line for the first Steps steps to where Then begins, then follows Then
// over the steps that remain: Goyal et al., "Accurate, large minibatch SGD" (2017).
type Warmup struct {
	Steps int64
	Then  Schedule // nil means Constant
}

// Rate returns (step+1)/Steps · Then.Rate(0, rest) while step < Steps, and
// Then.Rate(step-Steps, rest) from there on, where rest = total-Steps, at least 1.
func (w Warmup) Rate(step, total int64) float64 {
	then := w.Then
	if then == nil {
		then = Constant{}
	}
	steps := max(w.Steps, 0)
	rest := max(total-steps, 1) // a training shorter than its warmup rises all the same
	if step < steps {
		return float64(step+1) / float64(steps) * then.Rate(0, rest)
	}
	return then.Rate(step-steps, rest)
}

// OneCycle rises from Start to 1 over the part Rise of all steps, then falls to End, both
// along half a cosine: Smith and Topin, "Super-convergence" (2018). Usual values are
// Rise 0.3, Start 1/25, End 4e-6.
type OneCycle struct {
	Rise       float64 // in [0, 1]
	Start, End float64
}

// Rate returns the factor at step of total.
func (o OneCycle) Rate(step, total int64) float64 {
	at := progress(step, total)
	if at < o.Rise {
		return between(o.Start, 1, at/o.Rise)
	}
	if o.Rise >= 1 {
		return 1
	}
	return between(1, o.End, (at-o.Rise)/(1-o.Rise))
}

// progress returns step/total within [0, 1]; a training of no steps is at its end.
func progress(step, total int64) float64 {
	if step >= total {
		return 1
	}
	return float64(max(step, 0)) / float64(total)
}

// between goes from a at 0 to b at 1 along half a cosine: b + (a-b)·(1+cos(π·at))/2.
func between(a, b, at float64) float64 {
	return b + (a-b)*(1+math.Cos(math.Pi*at))/2
}
