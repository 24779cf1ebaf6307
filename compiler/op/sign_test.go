package op_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/scalar"
)

// TestSigns compares what operations say of the sign of their results with the results.
func TestSigns(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	said := 0
	for name, row := range op.All() {
		for range 20 {
			if row.Sign == nil {
				continue
			}
			attrs := row.Sample(r).Attrs
			if !row.Sign(attrs) {
				continue
			}
			said++
			body := row.Body(attrs)
			for _, x := range []float64{math.Inf(-1), -2, -1e-30, 0, 1e-30, 3, math.Inf(1), math.NaN()} {
				if y := body.Eval(&scalar.Env{In: []float64{x}}); (y > 0) != (x > 0) {
					t.Errorf("%s of %v with %v is %v", name, x, attrs, y)
				}
			}
		}
	}
	if said == 0 {
		t.Error("no operation says that it keeps the sign")
	}
}
