package f32

import (
	"math"
	"testing"
)

func TestSelect(t *testing.T) {
	values := []float32{0, float32(math.Copysign(0, -1)), 1.5, -2, float32(math.Inf(1)),
		float32(math.NaN())}
	for _, a := range values {
		for _, b := range values {
			for _, cond := range []bool{false, true} {
				want := b
				if cond {
					want = a
				}
				if got := Select(cond, a, b); math.Float32bits(got) != math.Float32bits(want) {
					t.Errorf("Select(%t, %v, %v) = %v, want %v", cond, a, b, got, want)
				}
			}
		}
	}
}
