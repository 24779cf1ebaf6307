package f32

import "math"

// Select returns a if cond, else b. It compiles to a conditional move: a branch would be
// mispredicted for every other element of an activation.
func Select(cond bool, a, b float32) float32 {
	bits := math.Float32bits(b)
	if cond {
		bits = math.Float32bits(a)
	}
	return math.Float32frombits(bits)
}
