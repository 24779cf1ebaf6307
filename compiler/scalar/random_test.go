package scalar_test

import (
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/scalar"
)

// numArgs is how many arguments random expressions read.
const numArgs = 3

// randomTree draws an expression as Parse would build it, of any form, not simplified.
func randomTree(r *rand.Rand, depth int) *scalar.Expr {
	if depth == 0 || r.IntN(6) == 0 {
		return randomLeaf(r)
	}
	ops := scalar.Ops()[scalar.Neg:]
	e := &scalar.Expr{Op: ops[r.IntN(len(ops))]}
	for i := range e.Op.Arity() {
		e.Args[i] = randomTree(r, depth-1)
	}
	return e
}

func randomLeaf(r *rand.Rand) *scalar.Expr {
	switch r.IntN(8) {
	case 0:
		return scalar.CoordOf(r.IntN(2))
	case 1:
		return scalar.RandAt(r.IntN(2))
	case 2, 3, 4:
		constants := []float64{0, 1, -1, 2, 0.5, -0.5, 1e-5, 3.25e8}
		return scalar.C(constants[r.IntN(len(constants))])
	}
	return scalar.X(r.IntN(numArgs))
}

// randomSmooth draws an expression that is differentiable almost everywhere and of modest size:
// singular functions see arguments clear of their singularities.
func randomSmooth(r *rand.Rand, depth int) *scalar.Expr {
	if depth == 0 {
		if r.IntN(4) == 0 {
			return scalar.C(r.Float64()*4 - 2)
		}
		return scalar.X(r.IntN(numArgs))
	}
	a, b := randomSmooth(r, depth-1), randomSmooth(r, r.IntN(depth))
	positive := scalar.Sum(scalar.C(1), scalar.Product(b, b))
	bounded := scalar.Apply(scalar.Max, scalar.Apply(scalar.Min, a, scalar.C(2)), scalar.C(-2))
	switch r.IntN(13) {
	case 0:
		return scalar.Apply(scalar.Neg, a)
	case 1:
		return scalar.Apply(scalar.Exp, bounded)
	case 2:
		return scalar.Apply(scalar.Log, positive)
	case 3:
		return scalar.Apply(scalar.Sqrt, positive)
	case 4:
		return scalar.Apply(scalar.Rsqrt, positive)
	case 5:
		return scalar.Apply(scalar.Expm1, bounded)
	case 6:
		return scalar.Apply(scalar.Log1p, scalar.Product(b, b))
	case 7:
		return scalar.Sum(a, b)
	case 8:
		return scalar.Difference(a, b)
	case 9:
		return scalar.Product(bounded, b)
	case 10:
		return scalar.Quotient(a, positive)
	case 11:
		return scalar.Apply(scalar.Min, a, b)
	}
	return scalar.If(scalar.Apply(scalar.LessEq, a, b), scalar.Product(bounded, bounded), b)
}

// randomEnv draws what an expression reads.
func randomEnv(r *rand.Rand) *scalar.Env {
	u := [2]float64{r.Float64(), r.Float64()}
	env := &scalar.Env{Coord: []int{r.IntN(4), r.IntN(4)}, Rand: func(s int) float64 { return u[s] }}
	for range numArgs {
		env.In = append(env.In, r.Float64()*4-2)
	}
	return env
}
