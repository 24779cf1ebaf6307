package fuzznet

import "math"

// state is one parameter with its gradient and its moments, before or after an update.
type state struct {
	w, g, m, v float64
}

// bound is a result with how far rounding may take it away.
type bound struct{ value, within float64 }

// ulps is by how many roundings of a sum's terms an updated number may be off.
const ulps = 4 * 0x1p-24

// update returns what computes an optimizer's step, counted from 0, in float64: the new parameter and
// the moments as the optimizer lists them.
func (o *Optimizer) update(step int, rate float64) func(state) (w bound, moments []bound) {
	if o.Kind == "sgd" {
		return func(s state) (bound, []bound) { return o.sgd(s, rate) }
	}
	return o.adam(step, rate)
}

// sgd: g = grad + decay·w, m = momentum·m + g, w = w - rate·m, or w - rate·(g + momentum·m).
func (o *Optimizer) sgd(s state, rate float64) (bound, []bound) {
	g := s.g + o.WeightDecay*s.w
	m := o.Momentum*s.m + g
	size := math.Abs(o.Momentum*s.m) + math.Abs(s.g) + math.Abs(o.WeightDecay*s.w)
	move := m
	if o.Nesterov {
		move = g + o.Momentum*m
	}
	return bound{s.w - rate*move, ulps * (math.Abs(s.w) + 2*rate*size)},
		[]bound{{m, ulps * size}}
}

// adam, with t = step + 1:
//
//	m = β1·m + (1-β1)·g    v = β2·v + (1-β2)·g²
//	w = w - rate·m/(1-β1^t)/(√(v/(1-β2^t)) + eps)
//
// and adamw first multiplies w by 1 - rate·decay.
func (o *Optimizer) adam(step int, rate float64) func(state) (bound, []bound) {
	beta, eps := o.Betas, o.Eps
	if beta == [2]float64{} {
		beta = [2]float64{0.9, 0.999}
	}
	if eps == 0 {
		eps = 1e-8
	}
	kept := 1.0
	if o.Kind == "adamw" {
		kept = 1 - rate*o.WeightDecay
	}
	t := float64(step + 1)
	first, second := 1-math.Pow(beta[0], t), 1-math.Pow(beta[1], t)
	return func(s state) (bound, []bound) {
		w := kept * s.w
		m := beta[0]*s.m + (1-beta[0])*s.g
		size := math.Abs(beta[0]*s.m) + math.Abs((1-beta[0])*s.g)
		v := beta[1]*s.v + (1-beta[1])*s.g*s.g
		scale := rate / first / (math.Sqrt(v/second) + eps)
		return bound{w - scale*m, ulps * (math.Abs(s.w) + 2*scale*size)},
			[]bound{{m, ulps * size}, {v, ulps * v}}
	}
}

// factor returns the schedule's factor on the learning rate in a step of total.
func (s *Schedule) factor(step, total int) float64 {
	if s.Warmup > 0 {
		then := *s
		then.Warmup = 0
		rest := max(total-s.Warmup, 1)
		if step < s.Warmup {
			return float64(step+1) / float64(s.Warmup) * then.factor(0, rest)
		}
		return then.factor(step-s.Warmup, rest)
	}
	at := min(1, float64(step)/float64(total))
	cosine := func(from, to, at float64) float64 { return to + (from-to)*(1+math.Cos(math.Pi*at))/2 }
	switch s.Kind {
	case "step":
		return math.Pow(s.Value, float64(step/s.Every))
	case "cosine":
		return cosine(1, s.Value, at)
	case "one_cycle":
		if at < s.Value {
			return cosine(1.0/25, 1, at/s.Value)
		}
		return cosine(1, 4e-6, (at-s.Value)/(1-s.Value))
	}
	return 1
}
