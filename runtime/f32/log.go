package f32

import "math"

const (
	sqrtHalfBits  = 0x3F3504F3 // the bits of √½
	minNormalBits = 0x00800000 // the bits of 2^-126, the least number with a full fraction
	infBits       = 0x7F800000 // the bits of +Inf
	shifterBits   = 0x4B400000 // the bits of shifter
)

// Log returns the natural logarithm of x, within 2 units in the last place: NaN for x < 0,
// -Inf for 0.
//
//	x = 2^e · (1+f),  √½ <= 1+f < √2,  ln x = e·ln 2 + ln(1+f)
//	ln(1+f) = f - f²/2 + f³·p(f),  p of degree 8: Moshier, "Cephes", logf
func Log(x float32) float32 {
	word, lifted := math.Float32bits(x), float32(0)
	if word-minNormalBits >= infBits-minNormalBits {
		if word-1 >= minNormalBits-1 {
			return logOutside(x)
		}
		word, lifted = math.Float32bits(x*(1<<23)), 23
	}
	// The offset carries into the exponent exactly where the fraction reaches √2. An integer
	// below 2^22 added to the bits of shifter is the bits of shifter plus it.
	offset := word - sqrtHalfBits
	e := math.Float32frombits(uint32(int32(offset)>>23)+shifterBits) - shifter - lifted
	f := math.Float32frombits(offset&0x7FFFFF+sqrtHalfBits) - 1
	square := float32(f * f)
	y := logSeries(f, square)
	y += float32(e * ln2Low)
	y -= float32(0.5 * square)
	return f + y + float32(e*ln2High)
}

// logSeries returns ln(1+f) - f + f²/2 for √½ <= 1+f < √2: f³·p(f), p of degree 8.
func logSeries(f, square float32) float32 {
	p := float32(7.0376836292e-2*square) + (1.1676998740e-1 - float32(1.1514610310e-1*f))
	p = float32(p*square) + (1.4249322787e-1 - float32(1.2420140846e-1*f))
	p = float32(p*square) + (2.0000714765e-1 - float32(1.6668057665e-1*f))
	p = float32(p*square) + (3.3333331174e-1 - float32(2.4999993993e-1*f))
	return float32(float32(p*f) * square)
}

// logOutside returns the logarithm of what is not a finite number greater than 0.
func logOutside(x float32) float32 {
	switch {
	case x == 0:
		return float32(math.Inf(-1))
	case x < 0:
		return float32(math.NaN())
	}
	return x // +Inf or NaN
}
