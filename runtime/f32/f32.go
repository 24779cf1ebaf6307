// Package f32 holds the elementary functions of emitted loops, in float32.
//
// They give the same bits on every processor: each product is rounded by an explicit
// conversion, which the Go specification forbids to fuse with a sum.
package f32

import "math"

// Sqrt returns the correctly rounded square root of x, NaN for x < 0.
func Sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// Rsqrt returns 1/Sqrt(x), with both operations rounded.
func Rsqrt(x float32) float32 { return 1 / Sqrt(x) }

// Max returns a if a > b, else b. So it returns b where either is NaN, as the processor's MAXSS.
func Max(a, b float32) float32 {
	if a > b {
		return a
	}
	return b
}

// Min returns a if a < b, else b. So it returns b where either is NaN, as the processor's MINSS.
func Min(a, b float32) float32 {
	if a < b {
		return a
	}
	return b
}
