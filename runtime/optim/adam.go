// Package optim computes, once a step and in float64, the scalars that an emitted optimizer
// loop needs. The update of the elements is emitted with each network.
package optim

import "math"

// Adam holds the decay rates of Kingma and Ba, "Adam: a method for stochastic optimization"
// (2015), and of AdamW; both lie in [0, 1).
type Adam struct {
	Beta1, Beta2 float64
}

// Corrections returns the factors that undo the bias of the moments towards their start at 0,
// for a step counted from 0:
//
//	c1 = 1 / (1 - β1^t),  c2 = 1 / √(1 - β2^t),  t = step + 1
//
// so that the update is rate · c1·m / (c2·√v + ε).
func (a Adam) Corrections(step int64) (c1, c2 float32) {
	t := float64(step + 1)
	return float32(1 / (1 - math.Pow(a.Beta1, t))),
		float32(1 / math.Sqrt(1-math.Pow(a.Beta2, t)))
}
