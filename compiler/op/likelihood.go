package op

import (
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// likelihood holds what the losses make of the probability p of each image's label, by the softmax
// of z = logits/temperature. All but exp are of shape [N,1]. With the maximum m of z:
//
//	others = Σ_k≠label e^(z_k - m)    gap = m - z_label    sum = others + e^-gap
//
// The others' probabilities have a sum of their own, because 1-p knows nothing of them where p is
// near 1.
type likelihood struct {
	exponentials
	labels, others, gap, sum *ir.Value
}

func likelihoodOf(b *ir.Builder, y *ir.Value, temperature float64) likelihood {
	logits := y.Args[0]
	l := likelihood{labels: labelColumn(b, y.Args[1])}
	l.exponentials = exponentialsOf(b, y.Name, logits, temperature)
	fold := func(name string, e *scalar.Expr) *ir.Value {
		return b.Reduce(y.Name+name, logits.Type.Shape, "sum", []int{1}, e,
			logits, l.max, l.labels)
	}
	l.others = fold(".others", scalar.If(isLabel(2), scalar.C(0), l.exp))
	l.gap = fold(".gap", scalar.If(isLabel(2), l.over, scalar.C(0)))
	l.sum = b.Map(y.Name+".sum", y.Type.Shape, scalar.MustParse("x0 + exp(-x1)"),
		l.others, l.gap)
	return l
}

// logLoss is -ln p = gap + ln(1 + others + (e^-gap - 1)) of the arguments others, gap: nothing
// is near 1 where p is.
func logLoss() *scalar.Expr { return scalar.MustParse("log1p(x0 + expm1(-x1)) + x1") }

// slope is ∂(-ln p)/∂z_k = softmax(z)_k - [k is the label] of the arguments logits, m, sum, labels,
// others.
func (l likelihood) slope() *scalar.Expr {
	return scalar.Quotient(scalar.If(isLabel(3), scalar.MustParse("-x4"), l.exp), scalar.X(2))
}
