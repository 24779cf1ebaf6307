package op_test

import (
	"math"
	"testing"

	"github.com/gradc/gradc/compiler/interp"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
)

// samples is on how many random uses each gradient is checked.
const samples = 25

func TestGradients(t *testing.T) {
	for name, row := range op.All() {
		if row.Sample == nil || row.Internal {
			continue // sources, and what stands behind all differentiation
		}
		t.Run(name, func(t *testing.T) {
			r := newRand()
			checked := 0
			for i := 0; checked < samples; i++ {
				if i > 10*samples {
					t.Fatalf("only %d of %d samples have a gradient", checked, i)
				}
				u := newUse(t, row, row.Sample(r), r)
				if len(u.graph.Sources("param")) > 0 {
					checkGradients(t, u)
					checked++
				}
				if t.Failed() {
					t.Fatalf("sample %d:\n%s", i, ir.Format(u.graph))
				}
			}
		})
	}
}

// checkGradients compares the gradients of all parameters with central differences
//
//	(loss(x + h) - loss(x - h)) / 2h
//
// whose error is about h² by truncation and 1e-16·loss/h by rounding.
func checkGradients(t *testing.T, u use) {
	t.Helper()
	const h, rtol = 1e-5, 1e-5
	back, forward := u.backward(t), u.forward(t, ir.Train)
	got := u.run(t, back)
	for _, assign := range back.Gradients {
		x := u.sources[assign.Target.Name]
		gradient := got[assign.Value.Name].Data
		atol := 1e-9
		for _, g := range gradient {
			atol = max(atol, 1e-7*math.Abs(g))
		}
		for i, at := range x.Data {
			x.Data[i] = at + h
			above := loss(u.run(t, forward))
			x.Data[i] = at - h
			below := loss(u.run(t, forward))
			x.Data[i] = at
			want := (above - below) / (2 * h)
			if !(math.Abs(gradient[i]-want) <= atol+rtol*math.Abs(want)) {
				t.Errorf("gradient of %s[%d] is %v, finite differences give %v",
					assign.Target.Name, i, gradient[i], want)
			}
		}
	}
}

func loss(r interp.Results) float64 { return r["loss"].Data[0] }
