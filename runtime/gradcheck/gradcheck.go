// Package gradcheck compares the gradients that an emitted network computes with how its loss
// changes. Emitted tests call it.
//
// Along a segment from p-s to p+s the loss L must change by the integral of its gradient g:
//
//	L(p+s) - L(p-s) = ∫ g(p+t·s)·s dt,  t from -1 to 1
//
// This holds for any continuous loss, however it bends and wherever it has kinks. So a step may be
// large enough for the change to stand out of the rounding of float32, as that of a difference
// quotient may not.
package gradcheck

import (
	"fmt"
	"math"
	"slices"

	"github.com/gradc/gradc/runtime/trainer"
)

// Network is what is checked.
type Network struct {
	Tensors       []trainer.Tensor // of the parameters
	Params, Grads []float32

	Forward  func() float64 // computes the loss at Params
	Backward func()         // computes Grads, after Forward

	// Passes is how many forward and backward passes the check may take, about. With few, it looks
	// along fewer segments, and moves several tensors along one.
	Passes int

	// Jumps names the tensors along which the loss is not continuous, since an activation behind
	// them is not. It changes by more than the integral there, and only large faults show.
	Jumps []string
}

// Report is what a check has found.
type Report struct {
	Failures []string // gradients that are wrong
	Notes    []string // what could not be seen: gradients below rounding, above all
}

// Check moves the parameters along segments: of all elements of a tensor, uphill and to all sides,
// and of single elements. It begins near the present parameters, see disturb, and overwrites them.
func Check(n Network) Report {
	c := &checker{Network: n, left: float64(n.Passes)}
	disturb(n.Params, n.Tensors)
	c.start = slices.Clone(n.Params)
	c.loss = c.forward()
	c.backward()
	if !finite(c.loss) {
		c.fail("the loss is %g: nothing can be checked", c.loss)
		return c.report
	}
	c.slope = slices.Clone(n.Grads)
	c.steepest = c.steepestJump()
	groups := c.segments(c.sound())
	c.measureRounding(groups)
	c.followAll(groups)
	return c.report
}

// checker is a check on its way.
type checker struct {
	Network
	start, slope []float32 // the parameters in the middle of all segments, and the gradient there
	loss         float64   // likewise
	steepest     float64   // see steepestJump
	rounding     float64   // of the loss
	left         float64   // of Passes
	report       Report
}

func (c *checker) fail(format string, args ...any) {
	c.report.Failures = append(c.report.Failures, fmt.Sprintf(format, args...))
}

func (c *checker) note(format string, args ...any) {
	c.report.Notes = append(c.report.Notes, fmt.Sprintf(format, args...))
}

// forward counts as a third of a pass, and backward as the rest.
func (c *checker) forward() float64 {
	c.left -= 1. / 3
	return c.Forward()
}

func (c *checker) backward() {
	c.left -= 2. / 3
	c.Backward()
}

// sound returns the tensors whose gradients are numbers, and reports the others.
func (c *checker) sound() []trainer.Tensor {
	var sound []trainer.Tensor
	for _, t := range c.Tensors {
		g := c.slope[t.Offset:][:t.Len()]
		i := slices.IndexFunc(g, func(v float32) bool { return !finite(float64(v)) })
		if i >= 0 {
			c.fail("%s: the gradient of element %d is %g", t.Name, i, g[i])
			continue
		}
		sound = append(sound, t)
	}
	return sound
}

// group is some tensors, mostly one, with the segments that move them.
type group struct {
	name     string
	segments []*segment
	seen     bool // one of them shows a gradient
	wrong    bool // or a fault
}

// followAll follows a segment of each group, then another one, as long as there are passes. What has
// a fault is not looked at again.
func (c *checker) followAll(groups []*group) {
	followed, all := 0, 0
	for round := range segmentsAtMost {
		for _, g := range groups {
			if round >= len(g.segments) || g.wrong {
				continue
			}
			all++
			if c.left > 0 {
				followed++
				c.scale(g.segments[round])
				c.followOne(g, g.segments[round])
			}
		}
	}
	for _, g := range groups {
		if !g.seen && !g.wrong {
			c.note("%s: its gradient is below rounding or too uneven to be seen", g.name)
		}
	}
	if followed < all {
		c.note("%d of %d segments were followed: some took more passes than planned",
			followed, all)
	}
}

func (c *checker) followOne(g *group, s *segment) {
	v := c.follow(s)
	switch v.kind {
	case wrong:
		g.wrong = true
		c.fail("%s: the loss changes by %.6g, the gradient says %.6g; rounding explains %.1g",
			s.what, v.change, v.integral, v.allowed)
	case undecided:
		c.note("%s: undecided, the loss bends too often: it changes by %.6g, the gradient says %.6g",
			s.what, v.change, v.integral)
	case right:
		g.seen = true
	}
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
