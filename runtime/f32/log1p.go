package f32

import "math"

// Log1p returns ln(1+x), within 2 units in the last place also where x is near 0: NaN for x < -1,
// -Inf for -1.
//
//	u = 1+x rounded, c = 1+x-u exactly:  ln(1+x) = ln u + c/u, up to (c/u)²/2
//	ln u as for Log;  c as in Knuth, "The Art of Computer Programming" 2, section 4.2.2, theorem B
func Log1p(x float32) float32 {
	u := 1 + x
	word := math.Float32bits(u)
	if word-1 >= infBits-1 {
		return logOutside(u)
	}
	rest := u - 1
	c := (1 - (u - rest)) + (x - rest)
	offset := word - sqrtHalfBits
	e := math.Float32frombits(uint32(int32(offset)>>23)+shifterBits) - shifter
	f := math.Float32frombits(offset&0x7FFFFF+sqrtHalfBits) - 1
	square := float32(f * f)
	y := logSeries(f, square)
	y += float32(e*ln2Low) + c/u
	y -= float32(0.5 * square)
	y = f + y + float32(e*ln2High)
	return math.Float32frombits(math.Float32bits(y) | math.Float32bits(x)&signBit) // of -0 is -0
}
