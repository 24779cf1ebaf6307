package goasm

import "math"

// This file holds the elementary functions, step by step as in runtime/f32, so that they give the
// same bits. What their branches exclude is computed and then replaced.

const (
	log2E    = 1.44269504088896341
	ln2High  = 0.693359375
	ln2Low   = -2.12194440e-4
	shifter  = 3 << 22
	expMax   = 88.7228394
	expMin   = -103.9720840
	expm1Max = 89
	expm1Min = -30
	exponent = 23 // bits of the fraction, below the exponent
)

// horner returns p·x + c.
func (v *vline) horner(p, x, c int) int { return v.op(vAdd, v.op(vMul, p, x), c) }

// exp returns e^x.
func (v *vline) exp(x int) int {
	r, shifted := v.expRest(x)
	y := v.op(vAdd, v.expSeries(r), v.number(1))
	n := v.op(vSubInt, shifted, v.number(shifter))
	half := v.add(vRight, 1, n)
	y = v.op(vMul, y, v.exp2(half))
	y = v.op(vMul, y, v.exp2(v.op(vSubInt, n, half)))
	infinite := v.op(vAdd, x, v.number(float32(math.Inf(1)))) // or NaN
	y = v.op(vBlend, v.add(vCompare, lessEq, x, v.number(expMax)), y, infinite)
	return v.op(vKeep, v.add(vCompare, notLess, x, v.number(expMin)), y)
}

// expm1 returns e^x - 1. A NaN stays one on the way.
func (v *vline) expm1(x int) int {
	near := v.op(vMin, v.number(expm1Max), v.op(vMax, v.number(expm1Min), x))
	r, shifted := v.expRest(near)
	n := v.op(vSubInt, shifted, v.number(shifter))
	half := v.add(vRight, 1, n)
	a, b := v.exp2(half), v.exp2(v.op(vSubInt, n, half))
	inverse := v.exp2(v.op(vSubInt, half, n))
	y := v.horner(v.expSeries(r), a, v.op(vSub, a, inverse))
	return v.signed(v.op(vMul, y, b), x)
}

// signed returns y with the sign of x also where y is 0.
func (v *vline) signed(y, x int) int {
	return v.op(vOr, y, v.op(vAnd, x, v.bits(signBit)))
}

// expRest returns r = x - k·ln 2 with k = round(x/ln 2), and k added to shifter.
func (v *vline) expRest(x int) (r, shifted int) {
	shift := v.number(shifter)
	shifted = v.op(vAdd, v.op(vMul, x, v.number(log2E)), shift)
	k := v.op(vSub, shifted, shift)
	r = v.op(vSub, x, v.op(vMul, k, v.number(ln2High)))
	return v.op(vSub, r, v.op(vMul, k, v.number(ln2Low))), shifted
}

// expSeries returns e^r - 1 for |r| <= (ln 2)/2.
func (v *vline) expSeries(r int) int {
	square := v.op(vMul, r, r)
	pair := func(c1, c0 float32) int { return v.horner(v.number(c1), r, v.number(c0)) }
	p := pair(1.9875691500e-4, 1.3981999507e-3)
	p = v.horner(p, square, pair(8.3334519073e-3, 4.1665795894e-2))
	p = v.horner(p, square, pair(1.6666665459e-1, 5.0000001201e-1))
	return v.horner(p, square, r)
}

// exp2 returns 2^n for integers.
func (v *vline) exp2(n int) int {
	return v.add(vLeft, exponent, v.op(vAddInt, n, v.bits(127)))
}

// log returns the natural logarithm of x.
func (v *vline) log(x int) int {
	const minNormal = 0x1p-126
	v.number(0) // the first constant
	denormal := v.add(vCompare, less, x, v.number(minNormal))
	lifted := v.op(vKeep, denormal, v.number(exponent))
	word := v.op(vBlend, denormal, v.op(vMul, x, v.number(1<<exponent)), x)
	e, f := v.logParts(word)
	e = v.op(vSub, e, lifted)
	f = v.op(vSub, f, v.number(1))
	square := v.op(vMul, f, f)
	y := v.logSeries(f, square)
	y = v.op(vAdd, y, v.op(vMul, e, v.number(ln2Low)))
	y = v.op(vSub, y, v.op(vMul, v.number(0.5), square))
	y = v.op(vAdd, v.op(vAdd, f, y), v.op(vMul, e, v.number(ln2High)))
	return v.logOutside(x, y)
}

// log1p returns the natural logarithm of 1 + x.
func (v *vline) log1p(x int) int {
	one := v.number(1)
	u := v.op(vAdd, one, x)
	rest := v.op(vSub, u, one)
	c := v.op(vAdd, v.op(vSub, one, v.op(vSub, u, rest)), v.op(vSub, x, rest))
	e, f := v.logParts(u)
	f = v.op(vSub, f, one)
	square := v.op(vMul, f, f)
	low := v.op(vAdd, v.op(vMul, e, v.number(ln2Low)), v.op(vDiv, c, u))
	y := v.op(vAdd, v.logSeries(f, square), low)
	y = v.op(vSub, y, v.op(vMul, v.number(0.5), square))
	y = v.op(vAdd, v.op(vAdd, f, y), v.op(vMul, e, v.number(ln2High)))
	return v.signed(v.logOutside(u, y), x)
}

// logParts returns e and 1+f of x = 2^e·(1+f) with √½ <= 1+f < √2.
func (v *vline) logParts(x int) (e, f int) {
	sqrtHalf, shift := v.bits(0x3F3504F3), v.number(shifter)
	offset := v.op(vSubInt, x, sqrtHalf)
	e = v.op(vAddInt, v.add(vRight, exponent, offset), shift)
	e = v.op(vSub, e, shift)
	return e, v.op(vAddInt, v.op(vAnd, offset, v.bits(0x7FFFFF)), sqrtHalf)
}

// logSeries returns ln(1+f) - f + f²/2.
func (v *vline) logSeries(f, square int) int {
	pair := func(c1, c0 float32) int {
		return v.op(vSub, v.number(c0), v.op(vMul, v.number(c1), f))
	}
	p := v.horner(v.number(7.0376836292e-2), square, pair(1.1514610310e-1, 1.1676998740e-1))
	p = v.horner(p, square, pair(1.2420140846e-1, 1.4249322787e-1))
	p = v.horner(p, square, pair(1.6668057665e-1, 2.0000714765e-1))
	p = v.horner(p, square, pair(2.4999993993e-1, 3.3333331174e-1))
	return v.op(vMul, v.op(vMul, p, f), square)
}

// logOutside returns y, or the logarithm of x where x is not a finite number greater than 0.
func (v *vline) logOutside(x, y int) int {
	zero, inf := v.number(0), float32(math.Inf(1))
	y = v.op(vBlend, v.add(vCompare, less, x, v.number(inf)), y, x)
	y = v.op(vBlend, v.add(vCompare, less, x, zero), v.number(float32(math.NaN())), y)
	return v.op(vBlend, v.add(vCompare, equal, x, zero), v.number(-inf), y)
}
