package f32

import "math"

const (
	log2E   = 1.44269504088896341
	ln2High = 0.693359375    // ln 2 to 9 bits, so that k·ln2High is exact
	ln2Low  = -2.12194440e-4 // ln 2 - ln2High
	shifter = 3 << 22        // 1.5·2^23: adding it leaves a float32 no bits for a fraction
	expMax  = 88.7228394     // the largest x with a finite e^x
	expMin  = -103.9720840   // e^x rounds to 0 below it
)

// Exp returns e^x, within 2 units in the last place: +Inf above 88.72284, 0 below -103.97208.
//
//	k = round(x/ln 2),  r = x - k·ln 2,  e^x = 2^k · e^r,  |r| <= (ln 2)/2
//	e^r = 1 + r + r²·p(r),  p of degree 5: Moshier, "Cephes", expf
func Exp(x float32) float32 {
	if !(x >= expMin && x <= expMax) {
		return expOutside(x)
	}
	shifted := float32(x*log2E) + shifter
	k := shifted - shifter
	r := x - float32(k*ln2High)
	r -= float32(k * ln2Low)
	y := expSeries(r) + 1
	// 2^k in two factors, of which neither overflows nor is denormal.
	n := int32(math.Float32bits(shifted)) - int32(math.Float32bits(shifter))
	half := n >> 1
	return float32(y*exp2(half)) * exp2(n-half)
}

// expSeries returns e^r - 1 for |r| <= (ln 2)/2: r + r²·p(r), p of degree 5.
func expSeries(r float32) float32 {
	square := float32(r * r)
	p := float32(1.9875691500e-4*r) + 1.3981999507e-3
	p = float32(p*square) + (float32(8.3334519073e-3*r) + 4.1665795894e-2)
	p = float32(p*square) + (float32(1.6666665459e-1*r) + 5.0000001201e-1)
	return float32(p*square) + r
}

// exp2 returns 2^n for n in [-126, 127].
func exp2(n int32) float32 { return math.Float32frombits(uint32(n+127) << 23) }

// expOutside returns e^x where it is not a finite number greater than 0.
func expOutside(x float32) float32 {
	if x < 0 {
		return 0
	}
	return x + float32(math.Inf(1)) // NaN stays NaN
}
