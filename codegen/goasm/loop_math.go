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
	exponent = 23 // bits of the fraction, below the exponent
)

// horner returns p·x + c.
func (v *vline) horner(p, x, c int) int { return v.op(vAdd, v.op(vMul, p, x), c) }

// exp returns e^x.
func (v *vline) exp(x int) int {
	shift := v.number(shifter)
	shifted := v.op(vAdd, v.op(vMul, x, v.number(log2E)), shift)
	k := v.op(vSub, shifted, shift)
	r := v.op(vSub, x, v.op(vMul, k, v.number(ln2High)))
	r = v.op(vSub, r, v.op(vMul, k, v.number(ln2Low)))
	square := v.op(vMul, r, r)
	pair := func(c1, c0 float32) int { return v.horner(v.number(c1), r, v.number(c0)) }
	p := pair(1.9875691500e-4, 1.3981999507e-3)
	p = v.horner(p, square, pair(8.3334519073e-3, 4.1665795894e-2))
	p = v.horner(p, square, pair(1.6666665459e-1, 5.0000001201e-1))
	y := v.op(vAdd, v.horner(p, square, r), v.number(1))
	n := v.op(vSubInt, shifted, shift)
	half := v.add(vRight, 1, n)
	y = v.op(vMul, y, v.exp2(half))
	y = v.op(vMul, y, v.exp2(v.op(vSubInt, n, half)))
	infinite := v.op(vAdd, x, v.number(float32(math.Inf(1)))) // or NaN
	y = v.op(vBlend, v.add(vCompare, lessEq, x, v.number(expMax)), y, infinite)
	return v.op(vKeep, v.add(vCompare, notLess, x, v.number(expMin)), y)
}

// exp2 returns 2^n for integers.
func (v *vline) exp2(n int) int {
	return v.add(vLeft, exponent, v.op(vAddInt, n, v.bits(127)))
}

// log returns the natural logarithm of x.
func (v *vline) log(x int) int {
	const minNormal = 0x1p-126
	zero, inf := v.number(0), float32(math.Inf(1))
	denormal := v.add(vCompare, less, x, v.number(minNormal))
	lifted := v.op(vKeep, denormal, v.number(exponent))
	word := v.op(vBlend, denormal, v.op(vMul, x, v.number(1<<exponent)), x)
	sqrtHalf, shift := v.bits(0x3F3504F3), v.number(shifter)
	offset := v.op(vSubInt, word, sqrtHalf)
	e := v.op(vAddInt, v.add(vRight, exponent, offset), shift)
	e = v.op(vSub, v.op(vSub, e, shift), lifted)
	f := v.op(vAddInt, v.op(vAnd, offset, v.bits(0x7FFFFF)), sqrtHalf)
	f = v.op(vSub, f, v.number(1))
	square := v.op(vMul, f, f)
	pair := func(c1, c0 float32) int {
		return v.op(vSub, v.number(c0), v.op(vMul, v.number(c1), f))
	}
	p := v.horner(v.number(7.0376836292e-2), square, pair(1.1514610310e-1, 1.1676998740e-1))
	p = v.horner(p, square, pair(1.2420140846e-1, 1.4249322787e-1))
	p = v.horner(p, square, pair(1.6668057665e-1, 2.0000714765e-1))
	p = v.horner(p, square, pair(2.4999993993e-1, 3.3333331174e-1))
	y := v.op(vMul, v.op(vMul, p, f), square)
	y = v.op(vAdd, y, v.op(vMul, e, v.number(ln2Low)))
	y = v.op(vSub, y, v.op(vMul, v.number(0.5), square))
	y = v.op(vAdd, v.op(vAdd, f, y), v.op(vMul, e, v.number(ln2High)))
	y = v.op(vBlend, v.add(vCompare, less, x, v.number(inf)), y, x)
	y = v.op(vBlend, v.add(vCompare, less, x, zero), v.number(float32(math.NaN())), y)
	return v.op(vBlend, v.add(vCompare, equal, x, zero), v.number(-inf), y)
}
