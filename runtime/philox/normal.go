package philox

import (
	"math"

	"github.com/gradc/gradc/runtime/f32"
)

// Normal returns a number of the standard normal distribution from one word w: the quantile
// at p = (w + 1/2)·2^-32, which lies within ±6.4, with a relative error below 1e-6.
func (s *Stream) Normal() float64 {
	return quantile((float64(s.Uint32()) + 0.5) * (1.0 / (1 << 32)))
}

// quantile returns the inverse of the standard normal distribution function at p in
// [2^-33, 1-2^-33]: Wichura, "Algorithm AS 241" (1988), PPND7, whose branch for p < 1e-11 is
// not needed here.
//
//	|p - 1/2| <= 0.425   z = q · a(r)/b(r),     q = p - 1/2,  r = 0.425² - q²
//	otherwise            z = ± c(r)/d(r),       r = √(-ln min(p, 1-p)) - 1.6
//
// The products are rounded explicitly, so that no processor fuses them with a sum and all
// draw the same number.
func quantile(p float64) float64 {
	q := p - 0.5
	if math.Abs(q) <= 0.425 {
		r := 0.180625 - float64(q*q)
		top := cubic(r, 3.3871327179, 50.434271938, 159.29113202, 59.109374720)
		bottom := cubic(r, 1, 17.895169469, 78.757757664, 67.187563600)
		return q * top / bottom
	}
	tail := math.Min(p, 1-p)
	r := math.Sqrt(-float64(f32.Log(float32(tail)))) - 1.6
	top := cubic(r, 1.4234372777, 2.7568153900, 1.3067284816, 0.17023821103)
	bottom := cubic(r, 1, 0.73700164250, 0.12021132975, 0)
	return math.Copysign(top/bottom, q)
}

// cubic returns c0 + c1·x + c2·x² + c3·x³.
func cubic(x, c0, c1, c2, c3 float64) float64 {
	y := float64(c3*x) + c2
	y = float64(y*x) + c1
	return float64(y*x) + c0
}
