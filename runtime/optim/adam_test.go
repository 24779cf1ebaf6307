package optim

import (
	"math"
	"testing"
)

// By the definition, with the powers multiplied out.
func TestCorrections(t *testing.T) {
	for _, a := range []Adam{{0.9, 0.999}, {0.5, 0.95}, {0, 0}} {
		power1, power2 := 1.0, 1.0
		for step := range int64(1000) {
			power1 *= a.Beta1
			power2 *= a.Beta2
			c1, c2 := a.Corrections(step)
			near(t, "c1", step, c1, 1/(1-power1))
			near(t, "c2", step, c2, 1/math.Sqrt(1-power2))
		}
	}
}

func near(t *testing.T, name string, step int64, got float32, want float64) {
	t.Helper()
	if math.Abs(float64(got)-want) > 1e-7*want {
		t.Errorf("step %d: %s = %v, not %v", step, name, got, want)
	}
}

// With zero moments before it, the first step's update is the rate, whatever the gradient.
func TestFirstUpdate(t *testing.T) {
	a := Adam{0.9, 0.999}
	c1, c2 := a.Corrections(0)
	for _, gradient := range []float64{1e-3, 1, 50} {
		m, v := (1-a.Beta1)*gradient, (1-a.Beta2)*gradient*gradient
		if got := float64(c1) * m / (float64(c2) * math.Sqrt(v)); math.Abs(got-1) > 1e-6 {
			t.Errorf("gradient %v: update %v, not 1", gradient, got)
		}
	}
}

func TestLateCorrectionsAreOne(t *testing.T) {
	if c1, c2 := (Adam{0.9, 0.999}).Corrections(1 << 40); c1 != 1 || c2 != 1 {
		t.Errorf("got %v, %v", c1, c2)
	}
}
