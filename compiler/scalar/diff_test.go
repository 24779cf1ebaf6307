package scalar_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gradc/gradc/compiler/scalar"
)

func TestDiff(t *testing.T) {
	for _, c := range []struct{ text, want, reason string }{
		{"x0*x1", "x1", "product rule"},
		{"x1 + i0 + rand(0)", "0", "what does not read x0 is a constant"},
		{"exp(2*x0)", "exp(2*x0)*2", "the exponential is its own derivative"},
		{"expm1(2*x0)", "exp(2*x0)*2", "no 1 is taken off and added again"},
		{"log1p(2*x0)", "2/(1 + 2*x0)", "the logarithm's derivative at 1 + 2·x0"},
		{"select(0 < x0, x0, 0.01*x0)", "select(0 < x0, 1, 0.01)", "LeakyReLU"},
		{"max(x0, 0)", "select(0 < x0, 1, 0)", "ReLU: 0 at the kink"},
		{"x0 < x1", "0", "comparisons count as constants"},
	} {
		if got := scalar.Diff(scalar.MustParse(c.text), 0).String(); got != c.want {
			t.Errorf("d(%s)/dx0 = %s, want %s: %s", c.text, got, c.want, c.reason)
		}
	}
}

func TestDiffAgainstFiniteDifferences(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	varying := 0
	for range 2000 {
		e, env := randomSmooth(r, 5), randomEnv(r)
		i := r.IntN(numArgs)
		got, want := scalar.Diff(e, i).Eval(env), difference(e, env, i)
		if got != 0 {
			varying++
		}
		if !near(got, want, 1e-5) {
			t.Fatalf("d(%s)/dx%d at %v: %g, by differences %g", e, i, env.In, got, want)
		}
	}
	if varying < 500 {
		t.Errorf("only %d of the expressions depend on the argument", varying)
	}
}

// difference estimates the derivative of e by the argument i: (f(x+h) - f(x-h)) / 2h.
func difference(e *scalar.Expr, env *scalar.Env, i int) float64 {
	const h = 1e-6
	x := env.In[i]
	defer func() { env.In[i] = x }()
	env.In[i] = x + h
	above := e.Eval(env)
	env.In[i] = x - h
	return (above - e.Eval(env)) / (2 * h)
}
