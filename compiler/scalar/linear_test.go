package scalar_test

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/compiler/scalar"
)

func TestLinearizeShares(t *testing.T) {
	line := scalar.Linearize(
		scalar.MustParse("(x0 - x1)*x2"),
		scalar.MustParse("exp(x0 - x1)"),
	)
	want := scalar.Line{
		Code: []scalar.Instr{
			{Op: scalar.In, Index: 0},
			{Op: scalar.In, Index: 1},
			{Op: scalar.Sub, Args: [3]int{0, 1}},
			{Op: scalar.In, Index: 2},
			{Op: scalar.Mul, Args: [3]int{2, 3}},
			{Op: scalar.Exp, Args: [3]int{2}},
		},
		Result: []int{4, 5},
	}
	if diff := cmp.Diff(want, line); diff != "" {
		t.Errorf("the difference is to be computed once (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{1, 1, 2, 1, 1, 1}, line.Uses()); diff != "" {
		t.Errorf("uses (-want +got):\n%s", diff)
	}
}

func TestLinearizeComputesTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 500 {
		exprs := []*scalar.Expr{randomSmooth(r, 4), randomSmooth(r, 5)}
		exprs = append(exprs, scalar.Product(exprs[0], exprs[1]))
		env := randomEnv(r)
		line := scalar.Linearize(exprs...)
		seen := map[scalar.Instr]bool{}
		values := make([]float64, len(line.Code))
		for k, in := range line.Code {
			if seen[in] {
				t.Fatalf("%s: %v is computed twice", exprs, in)
			}
			seen[in] = true
			e := &scalar.Expr{Op: in.Op, Value: in.Value, Index: in.Index}
			for i := range in.Op.Arity() {
				if in.Args[i] >= k {
					t.Fatalf("%s: instruction %d reads %d", exprs, k, in.Args[i])
				}
				e.Args[i] = scalar.C(values[in.Args[i]])
			}
			values[k] = e.Eval(env)
		}
		for i, e := range exprs {
			if got, want := values[line.Result[i]], e.Eval(env); got != want {
				t.Fatalf("%s: %g, in a line %g", e, want, got)
			}
		}
	}
}
