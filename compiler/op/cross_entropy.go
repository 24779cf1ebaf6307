package op

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// crossEntropy is the loss of each image [N,1] from logits [N,K] and labels [N], by way of the
// log-sum-exp, so that logits of any size have a finite loss. Of the target distribution q,
// label_smoothing ε gives ε/K to every class and the rest to the label; z = logits/temperature.
func crossEntropy() *ir.Op {
	return &ir.Op{
		Name: "cross_entropy", Kind: ir.Composite,
		Doc: "y[n] = ln Σ_k e^z[n,k] - Σ_k q[n,k]·z[n,k]",
		Attrs: []ir.AttrSpec{{Name: "label_smoothing", Kind: ir.Float},
			{Name: "temperature", Kind: ir.Float}},
		Shape: func(args []ir.Type, a ir.Attrs) (ir.Type, error) {
			if s := a.Float("label_smoothing"); !(s >= 0 && s < 1) {
				return ir.Type{}, fmt.Errorf("label smoothing %v is not in [0, 1)", s)
			}
			if t := a.Float("temperature"); !(t > 0) {
				return ir.Type{}, fmt.Errorf("temperature %v is not positive", t)
			}
			return wantLogits(args)
		},
		Expand: crossEntropyExpand,
		Grad:   crossEntropyGrad,
		Sample: func(r *rand.Rand) ir.Sample {
			n, k := size(r, 5), size(r, 7)
			return ir.Sample{
				Args: []ir.SampleArg{argument(between(-5, 5), n, k), classes(n, k)},
				Attrs: ir.Attrs{"label_smoothing": []float64{0, 0.1, 0.3}[r.IntN(3)],
					"temperature": []float64{1, 0.5, 2.5}[r.IntN(3)]},
			}
		},
		Known: knownCrossEntropy,
	}
}

func knownCrossEntropy() []ir.Known {
	with := func(smoothing, temperature float64) ir.Attrs {
		return ir.Attrs{"label_smoothing": smoothing, "temperature": temperature}
	}
	rest := 2 * math.Exp(-60) // 1 - p, and -ln p
	return []ir.Known{
		knownAt(with(0, 1), farLogits(), 0, 2*far, math.Log(3), 0),
		knownAt(with(0.3, 1), farLogits(), 0.3*far, 1.8*far, math.Log(3), 0.2*far),
		knownAt(with(0, 0.01), farLogits(), 0, 200*far, math.Log(3), 0),
		sure(with(0, 1), rest, -rest),
		sure(with(0, 0.5), rest*rest/2, -rest*rest),
	}
}

// crossEntropyExpand: with the maximum m and s = Σ_k e^(z_k - m), y = ln s + Σ_k q_k·(m - z_k);
// without smoothing it is the label's -ln p.
func crossEntropyExpand(b *ir.Builder, y *ir.Value, _ ir.Mode) *ir.Value {
	temperature := y.Attrs.Float("temperature")
	if y.Attrs.Float("label_smoothing") == 0 {
		l := likelihoodOf(b, y, temperature)
		return b.Map(y.Name, y.Type.Shape, logLoss(), l.others, l.gap)
	}
	logits, labels := y.Args[0], labelColumn(b, y.Args[1])
	e := exponentialsOf(b, y.Name, logits, temperature)
	sum := e.sum(b, y.Name, logits)
	q := smoothed(2, logits.Type.Shape[1], y.Attrs)
	over := b.Reduce(y.Name+".over", logits.Type.Shape, "sum", []int{1},
		scalar.Product(q, e.over), logits, e.max, labels)
	return b.Map(y.Name, y.Type.Shape, scalar.MustParse("log(x0) + x1"), sum, over)
}

// crossEntropyGrad: ∂y/∂logits_k = (softmax(z)_k - q_k)/temperature
func crossEntropyGrad(b *ir.Builder, y, dy *ir.Value) []*ir.Value {
	logits, temperature := y.Args[0], y.Attrs.Float("temperature")
	gradient := func(slope *scalar.Expr, args ...*ir.Value) []*ir.Value {
		scaled := scalar.Product(scalar.C(1/temperature), scalar.X(len(args)))
		return []*ir.Value{b.Map("d."+logits.Name, logits.Type.Shape,
			scalar.Product(scaled, slope), append(args, dy)...), nil}
	}
	if y.Attrs.Float("label_smoothing") == 0 {
		l := likelihoodOf(b, y, temperature)
		return gradient(l.slope(), logits, l.max, l.sum, l.labels, l.others)
	}
	labels := labelColumn(b, y.Args[1])
	e := exponentialsOf(b, y.Name, logits, temperature)
	q := smoothed(3, logits.Type.Shape[1], y.Attrs)
	slope := scalar.Difference(scalar.Quotient(e.exp, scalar.X(2)), q)
	return gradient(slope, logits, e.max, e.sum(b, y.Name, logits), labels)
}

// smoothed returns the target distribution over k classes, q = (1-ε)·[class is the label] + ε/k,
// with the label as argument i.
func smoothed(i, k int, a ir.Attrs) *scalar.Expr {
	smoothing := a.Float("label_smoothing")
	rest := smoothing / float64(k)
	return scalar.If(isLabel(i), scalar.C(1-smoothing+rest), scalar.C(rest))
}
