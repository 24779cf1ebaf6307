package dsl

import "math"

// span is the numbers that a call takes, and how a message words them.
type span struct {
	holds func(v float64) bool
	must  string
}

// finite wants a number.
func (c *call) finite(what string, v float64) {
	c.number(what, v, span{func(float64) bool { return true }, "must be a number"})
}

// positive wants a number above 0.
func (c *call) positive(what string, v float64) {
	c.number(what, v, span{func(v float64) bool { return v > 0 }, "must be above 0"})
}

// notNegative wants a number of at least 0.
func (c *call) notNegative(what string, v float64) {
	c.number(what, v, span{func(v float64) bool { return v >= 0 }, "must not be below 0"})
}

// belowOne wants a number in [0, 1).
func (c *call) belowOne(what string, v float64) {
	c.number(what, v, span{func(v float64) bool { return v >= 0 && v < 1 },
		"must be at least 0 and below 1"})
}

// fraction wants a number in [0, 1].
func (c *call) fraction(what string, v float64) {
	c.number(what, v, span{func(v float64) bool { return v >= 0 && v <= 1 }, "must be from 0 to 1"})
}

// smallestNormal is the least positive float32 that has all its digits.
const smallestNormal = 0x1p-126

// number wants a number of a span, as it is written and as the float32 that the trainer computes
// with, which must be neither infinite nor closer to 0 than numbers with all their digits are.
func (c *call) number(what string, v float64, s span) {
	single := float64(float32(v))
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0) || !s.holds(v):
		c.want(false, "%s is %v, %s", what, v, s.must)
	case math.IsInf(single, 0):
		c.want(false, "%s is %v, more than a float32 holds; the trainer computes with those, "+
			"up to %.3g", what, v, math.MaxFloat32)
	case v != 0 && math.Abs(single) < smallestNormal:
		c.want(false, "%s is %v, closer to 0 than a float32 holds; the trainer computes with "+
			"those, down to %.3g", what, v, smallestNormal)
	case !s.holds(single):
		c.want(false, "%s is %v, which the trainer rounds to %v; it %s", what, v, single, s.must)
	}
}
