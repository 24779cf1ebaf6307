package op

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// focalLoss is the loss of each image [N,1] from logits [N,K] and labels [N] that gives less
// weight to images that are classified well: with the label's probability p,
//
//	y = -alpha·(1-p)^gamma·ln p
//
// Source: Lin et al., "Focal Loss for Dense Object Detection", 2017, section 3.
func focalLoss() *ir.Op {
	return &ir.Op{
		Name: "focal_loss", Kind: ir.Composite,
		Doc:   "y[n] = -alpha·(1-p)^gamma·ln p, p = softmax(x)[label]",
		Attrs: []ir.AttrSpec{{Name: "gamma", Kind: ir.Float}, {Name: "alpha", Kind: ir.Float}},
		Shape: func(args []ir.Type, a ir.Attrs) (ir.Type, error) {
			for _, name := range []string{"gamma", "alpha"} {
				if v := a.Float(name); !(v >= 0) {
					return ir.Type{}, fmt.Errorf("%s %v is negative", name, v)
				}
			}
			return wantLogits(args)
		},
		Expand: func(b *ir.Builder, y *ir.Value, _ ir.Mode) *ir.Value {
			f := focalParts(b, y)
			loss := scalar.Product(scalar.C(y.Attrs.Float("alpha")),
				scalar.Product(power(scalar.X(0), y.Attrs.Float("gamma")), scalar.X(1)))
			return b.Map(y.Name, y.Type.Shape, loss, f.rest, f.nll)
		},
		Grad:   focalGrad,
		Sample: sampleFocal,
		Known:  knownFocal,
	}
}

// focal holds what the loss is made of, per image.
type focal struct {
	likelihood
	rest *ir.Value // r = 1-p, as the sum of the other classes' probabilities: exact near 0
	nll  *ir.Value // ℓ = -ln p
}

func focalParts(b *ir.Builder, y *ir.Value) focal {
	f := focal{likelihood: likelihoodOf(b, y, 1)}
	f.rest = b.Map(y.Name+".rest", y.Type.Shape, scalar.MustParse("x0/x1"), f.others, f.sum)
	f.nll = b.Map(y.Name+".nll", y.Type.Shape, logLoss(), f.others, f.gap)
	return f
}

// focalGrad: y = alpha·r^gamma·ℓ with r = 1 - e^-ℓ has
//
//	∂y/∂ℓ = alpha·(r^gamma + gamma·r^(gamma-1)·(1-r)·ℓ)    ∂ℓ/∂x_k = softmax(x)_k - [k is the label]
func focalGrad(b *ir.Builder, y, dy *ir.Value) []*ir.Value {
	f := focalParts(b, y)
	alpha, gamma := y.Attrs.Float("alpha"), y.Attrs.Float("gamma")
	r, nll, dy0 := scalar.X(0), scalar.X(1), scalar.X(2)
	p := scalar.Difference(scalar.C(1), r)
	slope := scalar.Sum(power(r, gamma), scalar.Product(scalar.C(gamma),
		scalar.Product(power(r, gamma-1), scalar.Product(p, nll))))
	dnll := b.Map("d."+y.Name+".nll", y.Type.Shape,
		scalar.Product(scalar.Product(scalar.C(alpha), slope), dy0), f.rest, f.nll, dy)

	logits := y.Args[0]
	dx := scalar.Product(scalar.X(5), f.slope())
	return []*ir.Value{b.Map("d."+logits.Name, logits.Type.Shape, dx,
		logits, f.max, f.sum, f.labels, f.others, dnll), nil}
}

// power returns r^n for r in [0, 1]. It takes r for at least 1e-30, which keeps negative powers
// finite in float32.
func power(r *scalar.Expr, n float64) *scalar.Expr {
	switch n {
	case 0:
		return scalar.C(1)
	case 1:
		return r
	case 2:
		return scalar.Product(r, r)
	}
	floor := scalar.Apply(scalar.Max, r, scalar.C(1e-30))
	log := scalar.Apply(scalar.Log, floor)
	return scalar.Apply(scalar.Exp, scalar.Product(scalar.C(n), log))
}

func sampleFocal(r *rand.Rand) ir.Sample {
	n, k := size(r, 5), size(r, 7)
	return ir.Sample{
		Args: []ir.SampleArg{argument(between(-3, 3), n, k), classes(n, k)},
		Attrs: ir.Attrs{"gamma": []float64{0, 0.5, 1, 2, 3.5}[r.IntN(5)],
			"alpha": []float64{1, 0.25}[r.IntN(2)]},
	}
}

func knownFocal() []ir.Known {
	with := func(gamma float64) ir.Attrs { return ir.Attrs{"gamma": gamma, "alpha": 1.0} }
	rest := 2 * math.Exp(-60) // 1 - p, and -ln p
	return []ir.Known{
		knownAt(with(2), farLogits(), 0, 2*far, math.Log(3)*4/9, 0),
		knownAt(with(0), farLogits(), 0, 2*far, math.Log(3), 0),
		knownAt(with(0.5), farLogits(), 0, 2*far, math.Log(3)*math.Sqrt(2./3), 0),
		knownAt(with(1.5), farLogits()),
		sure(with(0), rest, -rest),
		sure(with(1), rest*rest, -2*rest*rest),
	}
}
