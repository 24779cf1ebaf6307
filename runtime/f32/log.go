package f32

import "math"

// Log returns the natural logarithm of x, within 2 units in the last place: NaN for x < 0,
// -Inf for 0.
func Log(x float32) float32 { return float32(math.Log(float64(x))) }
