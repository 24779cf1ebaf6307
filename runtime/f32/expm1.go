package f32

import "math"

const (
	expm1Max = 89  // e^x is infinite from it on
	expm1Min = -30 // e^x - 1 rounds to -1 below it
	signBit  = 1 << 31
)

// Expm1 returns e^x - 1, within 2 units in the last place also where x is near 0: +Inf above
// 88.72284, -1 below -17.32868.
//
//	k and r as for Exp,  2^k = a·b,  e^x - 1 = 2^k·(e^r - 1) + 2^k - 1 = (a·(e^r - 1) + (a - 1/b))·b
func Expm1(x float32) float32 {
	near := Min(expm1Max, Max(expm1Min, x)) // NaN stays NaN
	shifted := float32(near*log2E) + shifter
	k := shifted - shifter
	r := near - float32(k*ln2High)
	r -= float32(k * ln2Low)
	n := int32(math.Float32bits(shifted)) - int32(math.Float32bits(shifter))
	half := n >> 1
	a, b, inverse := exp2(half), exp2(n-half), exp2(half-n)
	y := float32((float32(expSeries(r)*a) + (a - inverse)) * b)
	return math.Float32frombits(math.Float32bits(y) | math.Float32bits(x)&signBit) // of -0 is -0
}
