package op_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
)

// TestKnown runs the uses that operations know the results of: all results and gradients are finite,
// and what is known is so.
func TestKnown(t *testing.T) {
	found := 0
	for name, row := range op.All() {
		if row.Known == nil {
			continue
		}
		for i, k := range row.Known() {
			found++
			t.Run(fmt.Sprint(name, i, k.Attrs), func(t *testing.T) { checkKnown(t, row, k) })
		}
	}
	if found == 0 {
		t.Error("no operation knows anything")
	}
}

func checkKnown(t *testing.T, row *ir.Op, k ir.Known) {
	u := newUse(t, row, k.Sample, newRand())
	weight := u.sources["weight"]
	for i := range weight.Data {
		weight.Data[i] = 1
		if k.DY != nil {
			weight.Data[i] = k.DY[i]
		}
	}
	r := u.run(t, u.backward(t))
	for name, v := range r {
		for i, e := range v.Data {
			if math.IsNaN(e) || math.IsInf(e, 0) {
				t.Errorf("%s[%d] is %v", name, i, e)
			}
		}
	}
	for name, want := range map[string][]float64{"y": k.Result, "d.x0": k.Grad} {
		if want != nil && len(want) != len(r[name].Data) {
			t.Fatalf("%s has %d elements, known are %d", name, len(r[name].Data), len(want))
		}
		for i, want := range want {
			if got := r[name].Data[i]; !(math.Abs(got-want) <= 1e-12*math.Abs(want)) {
				t.Errorf("%s[%d] is %v, want %v", name, i, got, want)
			}
		}
	}
}
