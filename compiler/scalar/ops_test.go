package scalar_test

import (
	"testing"

	"github.com/gradc/gradc/compiler/scalar"
)

// TestEveryPrimitive uses each primitive in every way there is: none may be forgotten.
func TestEveryPrimitive(t *testing.T) {
	env := &scalar.Env{In: []float64{0.5, 0.25, 2}, Coord: []int{3},
		Rand: func(int) float64 { return 0.75 }}
	names := map[string]bool{}
	for _, o := range scalar.Ops() {
		if name := o.String(); name == "" || names[name] {
			t.Errorf("primitive %d has the name %q", o, name)
		}
		names[o.String()] = true
		e := &scalar.Expr{Op: o, Args: [3]*scalar.Expr{scalar.X(0), scalar.X(1), scalar.X(2)}}
		for i := o.Arity(); i < len(e.Args); i++ {
			e.Args[i] = nil
		}
		if o.Arity() > 0 && e.Cost() == 0 {
			t.Errorf("%s costs nothing", o)
		}
		for i := range 3 { // a primitive without rule panics
			scalar.Diff(e, i)
		}
		line := scalar.Linearize(e)
		numbers := make([]float64, len(line.Code))
		line.Eval(env, numbers)
		if got, want := numbers[line.Result[0]], e.Eval(env); got != want {
			t.Errorf("%s is %v, in a line %v", e, want, got)
		}
		if back, err := scalar.Parse(e.String()); err != nil || !scalar.Same(e, back) {
			t.Errorf("%s reads back as %v, %v", e, back, err)
		}
	}
}
