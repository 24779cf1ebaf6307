package scalar_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradc/gradc/compiler/scalar"
)

// TestLineEval checks that a line computes what its expressions do, to the bit.
func TestLineEval(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 500 {
		exprs := []*scalar.Expr{randomSmooth(r, 4), randomSmooth(r, 5)}
		env := randomEnv(r)
		line := scalar.Linearize(exprs...)
		numbers := make([]float64, len(line.Code))
		line.Eval(env, numbers)
		for i, e := range exprs {
			got, want := numbers[line.Result[i]], e.Eval(env)
			if math.Float64bits(got) != math.Float64bits(want) {
				t.Errorf("%s is %v, in a line %v", e, want, got)
			}
		}
	}
}
