package gosrc

import (
	"fmt"
	"go/format"
	"testing"

	"github.com/gradc/gradc/compiler/scalar"
)

func TestExpressions(t *testing.T) {
	tests := []struct{ reason, text, want string }{
		{"precedence as in Go", "x0 + x1*x2", "x0 + x1*x2"},
		{"parentheses where they matter", "(x0 + x1)*x2", "(x0+x1)*x2"},
		{"differences lean left", "x0 - (x1 - x2)", "x0 - (x1 - x2)"},
		{"quotients lean left", "x0/(x1*x2)", "x0/(x1*x2)"},
		{"a negation", "-(x0 + x1)", "-(x0 + x1)"},
		{"a double negation", "-(-x0)", "-(-x0)"},
		{"a negative constant", "x0*-2", "x0*-2"},
		{"the negation of a constant", "-(-2)", "-(-2)"},
		{"functions", "exp(x0) + rsqrt(x1)", "f32.Exp(x0) + f32.Rsqrt(x1)"},
		{"functions that are exact near 0", "expm1(x0)*log1p(x1)", "f32.Expm1(x0) * f32.Log1p(x1)"},
		{"the larger one", "max(x0, 0)", "max(x0, 0)"},
		{"a choice", "select(0 < x0, x0, 0.01*x0)", "f32.Select(0 < x0, x0, 0.01*x0)"},
		{"a comparison as a number", "x0*(x1 <= x2)", "x0*f32.Select(x1 <= x2, 1, 0)"},
		{"a number as a condition", "select(x0, 1, 2)", "f32.Select(x0 != 0, 1, 2)"},
		{"an infinity", "x0 < Inf", "f32.Select(x0 < float32(math.Inf(1)), 1, 0)"},
		{"too large for a float32", "x0*1e300", "x0*float32(math.Inf(1))"},
		{"constants are of float32", "x0 + 1/3", "x0 + float32(1)/3"},
		{"a function of a constant", "x0*exp(2)", "x0*f32.Exp(float32(2))"},
	}
	for _, test := range tests {
		p := printer{line: scalar.Linearize(scalar.MustParse(test.text)),
			leaf: func(in scalar.Instr) string { return fmt.Sprintf("x%d", in.Index) }}
		// gofmt decides on the spaces.
		got := p.value(p.line.Result[0], precLowest)
		if gofmt(t, got) != gofmt(t, test.want) {
			t.Errorf("%s: %s becomes %s, want %s", test.reason, test.text, got, test.want)
		}
	}
}

// TestEveryPrimitive prints each primitive, and wants an error for one that is not there.
func TestEveryPrimitive(t *testing.T) {
	all := scalar.Ops()
	for _, o := range all {
		line := scalar.Linearize(&scalar.Expr{Op: o,
			Args: [3]*scalar.Expr{scalar.X(0), scalar.X(1), scalar.X(2)}})
		if err := unprintable(line); err != nil {
			t.Error(err)
		}
		p := printer{line: line, leaf: func(in scalar.Instr) string { return in.Op.String() }}
		gofmt(t, p.value(line.Result[0], precLowest))
	}
	unknown := scalar.Line{Code: []scalar.Instr{{Op: scalar.Op(len(all))}}}
	want := fmt.Sprintf("there is no Go for the primitive number %d", len(all))
	if err := unprintable(unknown); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// gofmt formats an expression.
func gofmt(t *testing.T, expr string) string {
	t.Helper()
	text, err := format.Source([]byte("var _ = " + expr))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
