package planexec

import (
	"math"

	"github.com/gradc/gradc/compiler/ir"
)

// round returns the element of a storage type that is nearest to v, of two the even one. What is
// beyond the largest of f16 and bf16 becomes infinite, beyond 0 and 255 of u8 one of these. Elements
// of f32 and i32 stay as they are: plans run in float64.
func round(d ir.DType, v float64) float64 {
	switch d {
	case ir.F16:
		return roundFloat(v, 11, -14, 15)
	case ir.BF16:
		return roundFloat(v, 8, -126, 127)
	case ir.U8:
		return math.RoundToEven(min(max(v, 0), math.MaxUint8))
	}
	return v
}

// roundFloat rounds v to a float of some bits of precision whose exponents, as of 1.xxx·2^e, go from
// least to most. Below that are subnormal numbers, in steps of the least one.
func roundFloat(v float64, precision, least, most int) float64 {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return v
	}
	_, e := math.Frexp(v) // v = ±0.1xxx·2^e
	step := max(e-1, least) - (precision - 1)
	r := math.Ldexp(math.RoundToEven(math.Ldexp(v, -step)), step)
	if math.Abs(r) >= math.Ldexp(1, most+1) {
		return math.Inf(int(math.Copysign(1, v)))
	}
	return r
}
