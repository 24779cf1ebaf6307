package op

import (
	"fmt"
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// softmax turns the logits along axis 1 into probabilities.
func softmax() *ir.Op {
	return &ir.Op{
		Name: "softmax", Kind: ir.Composite, Doc: "y[n,k] = e^x[n,k] / Σ_j e^x[n,j]",
		Shape: func(args []ir.Type, _ ir.Attrs) (ir.Type, error) {
			if err := wantArgs(args, 1); err != nil {
				return ir.Type{}, err
			}
			return ir.Float32(args[0].Shape...), wantChannels(args[0])
		},
		// The largest logit is subtracted from all, which changes nothing but the overflow.
		Expand: func(b *ir.Builder, y *ir.Value, _ ir.Mode) *ir.Value {
			e := exponentialsOf(b, y.Name, y.Args[0], 1)
			return b.Map(y.Name, y.Type.Shape, scalar.Quotient(e.exp, scalar.X(2)),
				y.Args[0], e.max, e.sum(b, y.Name, y.Args[0]))
		},
		// ∂y_k/∂x_j = y_k·(δ_kj - y_j), so dx = y·(dy - Σ_k dy_k·y_k)
		Grad: func(b *ir.Builder, y, dy *ir.Value) []*ir.Value {
			x, shape := y.Args[0], y.Type.Shape
			dot := b.Reduce(y.Name+".dot", shape, "sum", []int{1}, scalar.MustParse("x0*x1"), dy, y)
			return []*ir.Value{b.Map("d."+x.Name, shape, scalar.MustParse("x0*(x1 - x2)"),
				y, dy, dot)}
		},
		Sample: func(r *rand.Rand) ir.Sample {
			return ir.Sample{Attrs: ir.Attrs{},
				Args: []ir.SampleArg{argument(signed, sizes(r, 2+2*r.IntN(2), 5)...)}}
		},
		Known: func() []ir.Known {
			const third = 1. / 3
			return []ir.Known{knownAt(ir.Attrs{}, farLogits()[:1],
				1, 0, 0, 0, 0, 1, third, third, third, 1, 0, 0)}
		},
	}
}

// exponentials are the parts of a softmax along axis 1 of z = x/temperature.
type exponentials struct {
	max  *ir.Value    // m = max_k x[n,k]
	exp  *scalar.Expr // e^((x[n,k] - m)/temperature) of the arguments x, m
	over *scalar.Expr // (m - x[n,k])/temperature of the arguments x, m; not negative
}

// exponentialsOf appends the maxima. Forward and backward rules build them alike, so that they are
// computed once. The difference is taken before the division, which would round away what near
// logits differ by.
func exponentialsOf(b *ir.Builder, name string, x *ir.Value, temperature float64) exponentials {
	scaled := func(e *scalar.Expr) *scalar.Expr {
		return scalar.Product(scalar.C(1/temperature), e)
	}
	return exponentials{
		max:  b.Reduce(name+".max", x.Type.Shape, "max", []int{1}, scalar.X(0), x),
		exp:  scalar.Apply(scalar.Exp, scaled(scalar.MustParse("x0 - x1"))),
		over: scaled(scalar.MustParse("x1 - x0")),
	}
}

// sum appends s = Σ_k e^(z[n,k] - m).
func (e exponentials) sum(b *ir.Builder, name string, x *ir.Value) *ir.Value {
	return b.Reduce(name+".sum", x.Type.Shape, "sum", []int{1}, e.exp, x, e.max)
}

// wantLogits reports arguments that are not logits [N,K] and labels [N], and returns the type of
// a loss per image, [N,1].
func wantLogits(args []ir.Type) (ir.Type, error) {
	if err := wantArgs(args, 2); err != nil {
		return ir.Type{}, err
	}
	logits, labels := args[0], args[1]
	if len(logits.Shape) != 2 || logits.DType != ir.F32 {
		return ir.Type{}, fmt.Errorf("logits are %s, want f32[batch,classes]", typeOf(logits))
	}
	if len(labels.Shape) != 1 || labels.DType != ir.I32 || labels.Shape[0] != logits.Shape[0] {
		return ir.Type{}, fmt.Errorf("labels are %s, want i32[%d]", typeOf(labels),
			logits.Shape[0])
	}
	return ir.Float32(logits.Shape[0], 1), nil
}

// labelColumn returns the labels [N] as a column [N,1].
func labelColumn(b *ir.Builder, labels *ir.Value) *ir.Value {
	return b.Reshape(labels.Name+".column", labels, labels.Type.Shape[0], 1)
}

// isLabel returns 1 at the labelled class, which is argument i, and 0 at the others.
func isLabel(i int) *scalar.Expr {
	return scalar.Apply(scalar.Equal, scalar.X(i), scalar.CoordOf(1))
}
