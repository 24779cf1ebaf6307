package gradcheck

import (
	"math"

	"github.com/gradc/gradc/runtime/philox"
	"github.com/gradc/gradc/runtime/trainer"
)

// segment is the line p + t·s through the start p, t from -1 to 1.
type segment struct {
	what      string  // of the tensors it moves, and how
	tolerance float64 // how far the integral may be off besides rounding, as a part of size
	size      float64 // of the integral, about
	rounding  float64 // of the loss, and of g·s
	jumping   bool    // the loss jumps along it
	jumps     float64 // how far the integral may be off by jumps
	parts     []part
}

// part is a run of parameters that a segment moves, all of a tensor or one element: s = scale·step.
type part struct {
	offset   int
	step     []float32
	scale    float64
	slope    float64 // |g·step|, or about that
	most     float64 // of the scale
	relative float64 // size of step, as a part of the parameters' root mean square
	rounding float64 // of g·step
}

// Tolerances. Uphill, all elements of a gradient add up: a factor of 0.98 shows. To other sides
// they do not, but there an element in the place of another shows.
const (
	smallTolerance = 0.002
	largeTolerance = 0.01

	// Jumps do not cancel as gradients may, in front of a batch norm above all. So what they are
	// off by is a part of how far steps of this size move the loss along the steepest tensor.
	jumpTolerance = 0.3
)

// Parts move elements by no more than these, as a part of their root mean square.
const (
	mostOfAll = 0.25 // where all elements of a tensor are moved
	mostOfOne = 1    // where one is
)

// uphill moves all elements by random lengths with their gradients' signs, those of large gradient
// further.
func (c *checker) uphill(t trainer.Tensor, stream *philox.Stream) part {
	p := c.newPart(t)
	g := c.slope[t.Offset:]
	mean := meanSize(g[:t.Len()])
	for i := range p.step {
		v := float64(g[i])
		p.step[i] = stream.Float32() * float32(v+math.Copysign(mean, v))
		if mean == 0 {
			p.step[i] = float32(stream.Normal())
		}
	}
	p.slope = p.dot(c.slope)
	p.relative = rms(p.step) / p.most
	p.most *= mostOfAll / rms(p.step)
	return p
}

// sideways moves all elements by random lengths to random sides.
func (c *checker) sideways(t trainer.Tensor, stream *philox.Stream) part {
	p := c.newPart(t)
	for i := range p.step {
		p.step[i] = float32(stream.Normal())
	}
	p.slope = rms(c.slope[t.Offset:][:t.Len()]) * math.Sqrt(float64(t.Len()))
	p.relative = rms(p.step) / p.most
	p.most *= mostOfAll / rms(p.step)
	return p
}

// element moves one element.
func (c *checker) element(t trainer.Tensor, i int) part {
	p := c.newPart(t)
	p.offset, p.step = t.Offset+i, []float32{1}
	p.slope = max(math.Abs(float64(c.slope[p.offset])), rms(c.slope[t.Offset:][:t.Len()]))
	p.relative = 1 / p.most
	p.most *= mostOfOne
	return p
}

func (c *checker) newPart(t trainer.Tensor) part {
	return part{offset: t.Offset, step: make([]float32, t.Len()),
		most: rms(c.start[t.Offset:][:t.Len()])}
}

// scale makes steps as long as it takes for the change of the loss to stand out of the rounding,
// and no longer: over short ones the loss bends less.
func (c *checker) scale(s *segment) {
	const times = 10000 // the rounding
	size := times * c.rounding / float64(len(s.parts))
	s.rounding = c.rounding
	for i := range s.parts {
		p := &s.parts[i]
		p.scale = p.most
		if 2*p.slope*p.scale > size {
			p.scale = size / (2 * p.slope)
		}
		s.size += 2 * p.slope * p.scale
		s.rounding += p.rounding * p.scale
		if s.jumping {
			s.jumps += jumpTolerance * max(2*p.slope*p.scale, 2*c.steepest*p.relative*p.scale)
		}
	}
}

// shorten makes the steps shorter by a factor.
func (s *segment) shorten(factor float64) {
	s.size /= factor
	s.jumps /= factor
	for i := range s.parts {
		s.parts[i].scale /= factor
	}
}

// dot is g·step.
func (p *part) dot(g []float32) float64 {
	sum := 0.0
	for i, step := range p.step {
		sum += float64(g[p.offset+i]) * float64(step)
	}
	return sum
}

// move makes the parameters p(t).
func (c *checker) move(s *segment, t float64) {
	for k := range s.parts {
		p := &s.parts[k]
		for i := range p.step {
			c.Params[p.offset+i] = p.at(c.start, i, t)
		}
	}
}

// at is a moved parameter, which is rounded.
func (p *part) at(start []float32, i int, t float64) float32 {
	return float32(float64(start[p.offset+i]) + t*p.scale*float64(p.step[i]))
}

// slopeAlong is g·(p(b) - p(a)), of the rounded parameters.
func (c *checker) slopeAlong(s *segment, a, b float64) float64 {
	sum := 0.0
	for k := range s.parts {
		p := &s.parts[k]
		for i := range p.step {
			way := float64(p.at(c.start, i, b)) - float64(p.at(c.start, i, a))
			sum += float64(c.Grads[p.offset+i]) * way
		}
	}
	return sum
}
