package gradcheck

import "math"

// repeats is how often the network is evaluated next to a point to see how it rounds there.
func (c *checker) repeats() int {
	if c.Passes < 20 {
		return 2
	}
	return 4
}

// nearby moves all parameters by a few units in their last place: that changes how everything is
// rounded, and next to nothing else.
func (c *checker) nearby(repeat int) {
	stream := random(repeat, 1)
	for i, v := range c.Params {
		c.Params[i] = v * (1 + (stream.Float32()-0.5)*0x1p-21)
	}
}

// ulp is the distance of float32 numbers at x.
func ulp(x float64) float64 {
	at := float32(math.Abs(x))
	return float64(math.Nextafter32(at, math.MaxFloat32)) - float64(at)
}

// measureRounding finds how far the loss L and the slopes g·s in the middle are off by rounding:
//
//	max |L(p+ε) - L(p)|,  max |g(p+ε)·s - g(p)·s|
func (c *checker) measureRounding(groups []*group) {
	c.rounding = ulp(c.loss)
	for repeat := range c.repeats() {
		c.nearby(repeat)
		c.rounding = max(c.rounding, math.Abs(c.forward()-c.loss))
		c.backward()
		for _, g := range groups {
			for _, s := range g.segments {
				for i := range s.parts {
					p := &s.parts[i]
					p.rounding = max(p.rounding, math.Abs(p.dot(c.Grads)-p.dot(c.slope)))
				}
			}
		}
		copy(c.Params, c.start)
	}
}

// roundingAt is how far the loss and g·s are off by rounding at a place of a segment.
func (c *checker) roundingAt(s *segment, t float64) float64 {
	slope := func() (sum float64) {
		c.backward()
		for i := range s.parts {
			sum += s.parts[i].scale * s.parts[i].dot(c.Grads)
		}
		return sum
	}
	c.move(s, t)
	loss, middle, ofLoss, ofSlope := c.forward(), slope(), 0.0, 0.0
	for repeat := range 8 {
		c.nearby(repeat)
		ofLoss = max(ofLoss, math.Abs(c.forward()-loss))
		ofSlope = max(ofSlope, math.Abs(slope()-middle))
		copy(c.Params, c.start)
		c.move(s, t)
	}
	c.move(s, 0)
	return ofLoss + ofSlope
}
