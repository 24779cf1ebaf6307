package scalar_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gradc/gradc/compiler/scalar"
)

func TestTextReadsBack(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 3000 {
		e := randomTree(r, 6)
		text := e.String()
		back, err := scalar.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if !scalar.Same(e, back) {
			t.Fatalf("%s reads back as %s", text, back)
		}
	}
}

func TestTextOfNumbers(t *testing.T) {
	for _, v := range []float64{
		0, math.Copysign(0, -1), 1, -1, 0.1, 1e-300, -5e-324, math.MaxFloat64,
		math.Inf(1), math.Inf(-1),
	} {
		for _, e := range []*scalar.Expr{
			scalar.C(v),
			{Op: scalar.Neg, Args: [3]*scalar.Expr{scalar.C(v)}},
			{Op: scalar.Mul, Args: [3]*scalar.Expr{scalar.C(v), scalar.C(v)}},
			{Op: scalar.Sub, Args: [3]*scalar.Expr{scalar.C(v), scalar.C(v)}},
		} {
			back, err := scalar.Parse(e.String())
			if err != nil {
				t.Fatal(err)
			}
			if !scalar.Same(e, back) {
				t.Errorf("%s reads back as %s", e, back)
			}
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "expected operand"},
		{"x0 +", "expected operand"},
		{"y0", "unknown name y0"},
		{"x", "unknown name x"},
		{"x-1", "unknown name x"},
		{"x0 % x1", "operator % is not of the language"},
		{"!x0", "operator ! is not of the language"},
		{"tanh(x0)", "no function tanh of 1 arguments"},
		{"exp(x0, x1)", "no function exp of 2 arguments"},
		{"rand(x0)", "rand takes the number of its site"},
		{"rand(0.5)", "rand takes the number of its site"},
		{"rand(-1)", "rand takes the number of its site"},
		{"\"x0\"", "\"x0\" is not a number"},
		{"1e999", "1e999 is not a number"},
		{"x0.y", "*ast.SelectorExpr is not of the language"},
		{"func() {}", "*ast.FuncLit is not of the language"},
		{"(x0)(x1)", "*ast.ParenExpr is not a function of the language"},
	} {
		e, err := scalar.Parse(c.text)
		if err == nil {
			t.Errorf("%q was read as %s", c.text, e)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %q, want %q", c.text, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"x0", "-(2)", "-x0*x1", "x0 - -1", "select(0 < x0, x0, 0.01*x0)", "rand(3) <= i1 == 1",
		"min(max(exp(x0), -Inf), log(sqrt(rsqrt(1e-05))))", "expm1(log1p(x0))",
		"rand(1e30)", "x00", "((x1))",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := scalar.Parse(text)
		if err != nil {
			return
		}
		back, err := scalar.Parse(e.String())
		if err != nil {
			t.Fatalf("%q was read, but not its form %q: %v", text, e, err)
		}
		if !scalar.Same(e, back) {
			t.Fatalf("%q reads back as %q", e, back)
		}
	})
}
