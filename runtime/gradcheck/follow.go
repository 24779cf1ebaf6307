package gradcheck

import "math"

// verdict is what a segment shows.
type verdict struct {
	kind             outcome
	change, integral float64 // of the loss, and of g·s
	allowed          float64 // difference of the two
	unsettled        bool    // the integral may be off by the rest of the difference
}

type outcome int

const (
	right outcome = iota
	hiddenByRounding
	undecided // the integral does not settle
	wrong
)

// How many times the rounding a difference may be, and a change that is not seen.
const (
	trusted = 3
	hiding  = 20
)

// A segment is halved into a few pieces, then shortened: often both settle a difference that bends
// and kinks make. What still looks wrong is halved into many.
const (
	fewPieces  = 8
	manyPieces = 64
	narrow     = 1. / 16 // in t, which goes from -1 to 1
	shorter    = 4
	standsOut  = 1000 // times the rounding: a change in which a factor of 0.98 shows
)

// follow compares the change of the loss along a segment with the integral. A difference is a fault
// if it is there along a shorter segment as well, over which the loss bends less.
func (c *checker) follow(s *segment) verdict {
	for wrongBefore := false; ; {
		v, pieces := c.integrate(s, nil, fewPieces)
		if v.kind == right || v.kind == hiddenByRounding {
			return v
		}
		last := max(s.size, math.Abs(v.change), math.Abs(v.integral)) < shorter*standsOut*s.rounding
		if v.kind == wrong && (wrongBefore || last) {
			s.rounding = max(s.rounding, c.roundingAt(s, -1), c.roundingAt(s, 1))
			c.left = max(c.left, 4*manyPieces) // what looks wrong is worth more passes
			v, _ = c.integrate(s, pieces, manyPieces)
			return v
		}
		if last {
			v, _ = c.integrate(s, pieces, manyPieces)
			return v
		}
		wrongBefore = v.kind == wrong
		s.shorten(shorter)
	}
}

// difference is how far the loss and the gradient disagree.
func (v *verdict) difference() float64 { return math.Abs(v.change - v.integral) }

// piece is a part of a segment.
type piece struct {
	from, to    float64 // t
	loss0, loss float64 // at both ends
	integral    float64
	inexact     float64 // how far off the integral may be
}

// difference is how the loss changes, without what the gradient says.
func (p *piece) difference() float64 { return p.loss - p.loss0 - p.integral }

// integrate goes on with pieces of the segment, or with the whole: it halves the one that differs
// most until all together agree.
func (c *checker) integrate(s *segment, pieces []piece, most int) (verdict, []piece) {
	if pieces == nil {
		pieces = []piece{c.newPiece(s, -1, 1, c.lossAt(s, -1), c.lossAt(s, 1))}
	}
	v := judge(s, pieces)
	for v.kind == undecided && len(pieces) < most && c.left > 0 {
		worst := 0
		for i := range pieces {
			if math.Abs(pieces[i].difference()) > math.Abs(pieces[worst].difference()) {
				worst = i
			}
		}
		first, second := c.halve(s, pieces[worst])
		pieces[worst] = first
		pieces = append(pieces, second)
		v = judge(s, pieces)
	}
	c.move(s, 0)
	if v.kind == undecided && len(pieces) > 2 && !v.unsettled {
		v.kind = wrong
	}
	return v, pieces
}

// halve returns the halves of a piece. Its integral was off by the difference from theirs, about;
// they are more exact than that.
func (c *checker) halve(s *segment, p piece) (first, second piece) {
	middle := (p.from + p.to) / 2
	loss := c.lossAt(s, middle)
	first = c.newPiece(s, p.from, middle, p.loss0, loss)
	second = c.newPiece(s, middle, p.to, loss, p.loss)
	first.inexact = math.Abs(p.integral-first.integral-second.integral) / 2
	second.inexact = first.inexact
	return first, second
}

func (c *checker) newPiece(s *segment, from, to, loss0, loss float64) piece {
	return piece{from: from, to: to, loss0: loss0, loss: loss, integral: c.integral(s, from, to)}
}

// judge compares the sums over all pieces. Narrow ones do not count where the others are half of the
// segment: they lie around kinks and jumps, whereas a fault shows everywhere.
func judge(s *segment, pieces []piece) verdict {
	var all, wide sums
	for _, p := range pieces {
		all.add(p)
		if p.to-p.from > narrow {
			wide.add(p)
		}
	}
	v := verdict{change: all.change, integral: all.integral}
	rounding := 2 * s.rounding
	v.allowed = trusted*rounding + s.tolerance*s.size + s.jumps
	v.unsettled = v.difference() <= v.allowed+2*all.inexact
	agree := v.difference() <= v.allowed ||
		math.Abs(v.change) <= trusted*rounding && math.Abs(v.integral) <= hiding*rounding ||
		wide.length >= 1 && math.Abs(wide.change-wide.integral) <= v.allowed*wide.length/2
	switch {
	case !agree:
		v.kind = undecided
	case max(math.Abs(v.change), s.size) <= hiding*rounding:
		v.kind = hiddenByRounding
	}
	return v
}

// sums are those over some pieces.
type sums struct{ length, change, integral, inexact float64 }

func (s *sums) add(p piece) {
	s.length += p.to - p.from
	s.change += p.loss - p.loss0
	s.integral += p.integral
	s.inexact += p.inexact
}

// lossAt is the loss at p(t).
func (c *checker) lossAt(s *segment, t float64) float64 {
	c.move(s, t)
	return c.forward()
}

// integral is that of g·s over a piece, by Gauss and Legendre's rule of three points, which is exact
// for polynomials of degree five.
func (c *checker) integral(s *segment, from, to float64) float64 {
	nodes := [3]float64{-math.Sqrt(0.6), 0, math.Sqrt(0.6)}
	weights := [3]float64{5. / 18, 8. / 18, 5. / 18}
	sum := 0.0
	for i, x := range nodes {
		c.move(s, (from+to)/2+x*(to-from)/2)
		c.forward()
		c.backward()
		sum += weights[i] * c.slopeAlong(s, from, to)
	}
	return sum
}
