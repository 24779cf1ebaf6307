package scalar_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradc/gradc/compiler/scalar"
)

func TestSimplifications(t *testing.T) {
	for _, c := range []struct{ text, want, reason string }{
		{"2 + 3", "5", "constants fold"},
		{"exp(0)", "1", "functions of constants fold"},
		{"x0 + 0", "x0", "0 is neutral to addition"},
		{"0 + x0", "x0", "0 is neutral to addition"},
		{"x0 - 0", "x0", "0 is neutral to subtraction"},
		{"0 - x0", "-x0", "a difference from 0 is a negation"},
		{"x0 + (-x1)", "x0 - x1", "a negated term is subtracted"},
		{"(-x0) + x1", "x1 - x0", "a negated term is subtracted"},
		{"x0 - (-x1)", "x0 + x1", "a negated term is added back"},
		{"-(-x0)", "x0", "two negations cancel"},
		{"1*x0", "x0", "1 is neutral to multiplication"},
		{"x0*1", "x0", "1 is neutral to multiplication"},
		{"x0*0", "0", "0 absorbs"},
		{"-1*x0", "-x0", "-1 negates"},
		{"x0*-1", "-x0", "-1 negates"},
		{"x0/1", "x0", "1 is neutral to division"},
		{"0/x0", "0", "0 absorbs"},
		{"select(1, x0, x1)", "x0", "the condition is known"},
		{"select(0, x0, x1)", "x1", "the condition is known"},
		{"select(x2, x0 + x1, x0 + x1)", "x0 + x1", "both branches are the same"},
		{"expm1(0) + log1p(0)", "0", "functions of constants fold"},
		{"exp(x0) - 1", "expm1(x0)", "the exponential is near 1"},
		{"1 - exp(x0)", "-expm1(x0)", "the exponential is near 1"},
		{"exp(x0) + -1", "expm1(x0)", "the exponential is near 1"},
		{"-1 + exp(x0)", "expm1(x0)", "the exponential is near 1"},
		{"exp(x0) + 1", "exp(x0) + 1", "nothing is lost"},
		{"exp(x0) - 2", "exp(x0) - 2", "another number"},
		{"log(1 + x0)", "log1p(x0)", "the sum is near 1"},
		{"log(x0 + 1)", "log1p(x0)", "the sum is near 1"},
		{"log(1 - x0)", "log1p(-x0)", "the difference is near 1"},
		{"log(x0 - 1)", "log(x0 - 1)", "nothing is near 1"},
		{"x0*(2 - 1) + 0*x1", "x0", "simplifications enable others"},
		{"x0*x1 + i0*rand(1)", "x0*x1 + i0*rand(1)", "what can't be simplified stays"},
	} {
		if got := rebuild(scalar.MustParse(c.text)).String(); got != c.want {
			t.Errorf("%s became %s, want %s: %s", c.text, got, c.want, c.reason)
		}
	}
}

// rebuild returns e built by Apply, which simplifies.
func rebuild(e *scalar.Expr) *scalar.Expr {
	n := e.Op.Arity()
	if n == 0 {
		return e
	}
	args := make([]*scalar.Expr, n)
	for i := range n {
		args[i] = rebuild(e.Args[i])
	}
	return scalar.Apply(e.Op, args...)
}

func TestSimplifiedComputesTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	compared := 0
	for range 3000 {
		tree, env := randomTree(r, 5), randomEnv(r)
		if !finite(tree, env) {
			continue // 0·a is 0 also where a is not finite
		}
		compared++
		want, got := tree.Eval(env), rebuild(tree).Eval(env)
		if !near(got, want, 1e-12) {
			t.Fatalf("%s is %g, simplified to %s it is %g", tree, want, rebuild(tree), got)
		}
	}
	if compared < 1000 {
		t.Errorf("only %d expressions had a finite value to compare", compared)
	}
}

// finite reports whether all that e computes on the way is.
func finite(e *scalar.Expr, env *scalar.Env) bool {
	all := true
	e.Walk(func(e *scalar.Expr) {
		v := e.Eval(env)
		all = all && !math.IsNaN(v) && !math.IsInf(v, 0)
	})
	return all
}

func TestSubst(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		outer, env := randomSmooth(r, 4), randomEnv(r)
		inner := make([]*scalar.Expr, numArgs)
		at := &scalar.Env{In: make([]float64, numArgs)}
		for i := range inner {
			inner[i] = randomSmooth(r, 3)
			at.In[i] = inner[i].Eval(env)
		}
		got, want := scalar.Subst(outer, inner).Eval(env), outer.Eval(at)
		if !near(got, want, 1e-12) {
			t.Fatalf("%s of %s: %g, want %g", outer, inner, got, want)
		}
	}
}

func TestSubstKeepsSharing(t *testing.T) {
	e := scalar.X(0)
	for range 60 { // 2⁶⁰ nodes, were they not shared
		e = scalar.Product(e, e)
	}
	doubled := scalar.Subst(e, []*scalar.Expr{scalar.Sum(scalar.X(0), scalar.X(1))})
	if got := doubled.Cost(); got != 61 {
		t.Errorf("cost %d after substitution, want 60 products and 1 sum", got)
	}
}

func TestReads(t *testing.T) {
	e := scalar.MustParse("select(x0 < rand(0), x2, exp(x2))")
	if !e.Reads(0) || e.Reads(1) || !e.Reads(2) {
		t.Errorf("%s reads 0: %v, 1: %v, 2: %v", e, e.Reads(0), e.Reads(1), e.Reads(2))
	}
	if !e.Uses(scalar.Rand) || e.Uses(scalar.Coord) {
		t.Errorf("%s uses rand: %v, coord: %v", e, e.Uses(scalar.Rand), e.Uses(scalar.Coord))
	}
}

// near compares relative to the larger of 1 and the values.
func near(a, b, tolerance float64) bool {
	return math.Abs(a-b) <= tolerance*max(1, math.Abs(a), math.Abs(b))
}
