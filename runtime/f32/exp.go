package f32

import "math"

// Exp returns e^x, within 2 units in the last place.
func Exp(x float32) float32 { return float32(math.Exp(float64(x))) }
