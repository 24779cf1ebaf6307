package gradcheck

import (
	"math"
	"strings"
	"testing"

	"github.com/gradc/gradc/runtime/trainer"
)

// toy is a function of two tensors, a of three elements and b of one, whose gradient is known. It is
// rounded as a network's loss is.
type toy struct {
	loss func(a []float64, b float64) float64
	grad func(a []float64, b float64) (da [3]float64, db float64)
}

func (f toy) check(passes int, fault func(grads []float32)) Report {
	params, grads := []float32{0.3, -0.7, 1.1, 0.5}, make([]float32, 4)
	values := func() ([]float64, float64) {
		a := make([]float64, 3)
		for i := range a {
			a[i] = float64(params[i])
		}
		return a, float64(params[3])
	}
	return Check(Network{
		Tensors: []trainer.Tensor{{Name: "a", Shape: []int{3}},
			{Name: "b", Shape: []int{1}, Offset: 3}},
		Params: params, Grads: grads, Passes: passes,
		Forward: func() float64 { return float64(float32(f.loss(values()))) },
		Backward: func() {
			da, db := f.grad(values())
			for i, v := range da {
				grads[i] = float32(v)
			}
			grads[3] = float32(db)
			if fault != nil {
				fault(grads)
			}
		},
	})
}

// toys are smooth, have kinks, or do not depend on b.
func toys() map[string]toy {
	return map[string]toy{
		"smooth": {
			func(a []float64, b float64) float64 { return 1 + math.Exp(a[0]*b) + math.Sin(a[1]*a[2]) },
			func(a []float64, b float64) (da [3]float64, db float64) {
				e, c := math.Exp(a[0]*b), math.Cos(a[1]*a[2])
				return [3]float64{b * e, a[2] * c, a[1] * c}, a[0] * e
			}},
		"kinks": {
			func(a []float64, b float64) float64 {
				return 2 + math.Abs(math.Sin(2000*a[0]))/2000 + a[1]*b + math.Abs(a[2]-1.1)
			},
			func(a []float64, b float64) (da [3]float64, db float64) {
				s := math.Copysign(math.Cos(2000*a[0]), math.Sin(2000*a[0])*math.Cos(2000*a[0]))
				return [3]float64{s, b, math.Copysign(1, a[2]-1.1)}, a[1]
			}},
		"without b": {
			func(a []float64, b float64) float64 { return 1 + a[0]*a[1]*a[2] + (a[0] + b) - b },
			func(a []float64, b float64) (da [3]float64, db float64) {
				return [3]float64{a[1]*a[2] + 1, a[0] * a[2], a[0] * a[1]}, 0
			}},
	}
}

func TestRightGradients(t *testing.T) {
	for name, f := range toys() {
		for _, passes := range []int{8, 30, 1000} {
			for _, failure := range f.check(passes, nil).Failures {
				t.Errorf("%s, %d passes: %s", name, passes, failure)
			}
		}
	}
}

func TestBelowRoundingIsNoted(t *testing.T) {
	r := toys()["without b"].check(1000, nil)
	if len(r.Notes) != 1 || !strings.HasPrefix(r.Notes[0], "b: its gradient is below rounding") {
		t.Errorf("notes %q", r.Notes)
	}
}

func TestFaults(t *testing.T) {
	for name, fault := range map[string]func(g []float32){
		"a times 0.98":    func(g []float32) { g[0], g[1], g[2] = 0.98*g[0], 0.98*g[1], 0.98*g[2] },
		"a1 missing":      func(g []float32) { g[1] = 0 },
		"a exchanged":     func(g []float32) { g[1], g[2] = g[2], g[1] },
		"b negative":      func(g []float32) { g[3] = -g[3] },
		"b missing":       func(g []float32) { g[3] = 0 },
		"a0 not a number": func(g []float32) { g[0] = float32(math.NaN()) },
	} {
		r := toys()["smooth"].check(1000, fault)
		if len(r.Failures) != 1 || !strings.HasPrefix(r.Failures[0], name[:1]) {
			t.Errorf("%s: failures %q", name, r.Failures)
		}
	}
	r := toys()["without b"].check(1000, func(g []float32) { g[3] = 0.01 })
	if len(r.Failures) != 1 || !strings.HasPrefix(r.Failures[0], "b ") {
		t.Errorf("a gradient where there is none: failures %q", r.Failures)
	}
}

func TestLossMustBeFinite(t *testing.T) {
	f := toys()["smooth"]
	f.loss = func([]float64, float64) float64 { return math.Inf(1) }
	r := f.check(100, nil)
	if len(r.Failures) != 1 || !strings.Contains(r.Failures[0], "loss is +Inf") {
		t.Errorf("failures %q", r.Failures)
	}
}

func TestDisturbMovesWhatIsAlike(t *testing.T) {
	params := []float32{0, 0, 0, 0, 1, 1, 1, 2}
	disturb(params, []trainer.Tensor{{Shape: []int{2, 2}}, {Shape: []int{2}, Offset: 4},
		{Shape: []int{2}, Offset: 6}})
	if params[0] == params[1] || params[4] == params[5] || params[6] != 1 || params[7] != 2 {
		t.Errorf("parameters %v", params)
	}
}
