package op

import (
	"fmt"
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// batchNorm brings every channel (axis 1) of images or rows to mean 0 and variance 1 over the
// batch, then, if affine, to standard deviation gamma and mean beta:
//
//	y = (x - mean)/√(var + eps)·gamma + beta
//
// Arguments: x, gamma and beta if affine, running_mean, running_var. While training, the running
// statistics move towards those of the batch by momentum (with the unbiased variance, as in
// PyTorch); in evaluation they stand for them. Source: Ioffe and Szegedy, 2015, algorithms 1, 2.
func batchNorm() *ir.Op {
	return &ir.Op{
		Name: "batch_norm", Kind: ir.Composite, Doc: "y = (x - mean)/√(var + eps)·gamma + beta",
		Attrs: []ir.AttrSpec{{Name: "eps", Kind: ir.Float},
			{Name: "momentum", Kind: ir.Float, Training: true}, {Name: "affine", Kind: ir.Bool}},
		Shape:  batchNormShape,
		Grad:   batchNormGrad,
		Expand: batchNormExpand,
		Sample: sampleBatchNorm,
	}
}

func batchNormShape(args []ir.Type, a ir.Attrs) (ir.Type, error) {
	names := []string{"running mean", "running variance"}
	if a.Bool("affine") {
		names = append([]string{"gamma", "beta"}, names...)
	}
	if err := wantArgs(args, 1+len(names)); err != nil {
		return ir.Type{}, err
	}
	x := args[0]
	if err := wantChannels(x); err != nil {
		return ir.Type{}, err
	}
	for i, name := range names {
		if err := wantVector(name, args[1+i], x.Shape[1]); err != nil {
			return ir.Type{}, err
		}
	}
	if x.Shape.Elements() == x.Shape[1] {
		return ir.Type{}, fmt.Errorf("input %s has one element per channel, the variance needs two",
			x.Shape)
	}
	if eps := a.Float("eps"); !(eps > 0) {
		return ir.Type{}, fmt.Errorf("eps %v is not positive", eps)
	}
	if m := a.Float("momentum"); !(m >= 0 && m <= 1) {
		return ir.Type{}, fmt.Errorf("momentum %v is not in [0, 1]", m)
	}
	return ir.Float32(x.Shape...), nil
}

// norm holds the values of a batch norm that have one number per channel, of shape [1,C,1,1] or
// [1,C], so that the loops over all elements do not compute them again.
type norm struct {
	mean, variance *ir.Value
	rstd           *ir.Value // 1/√(var + eps)
	scale          *ir.Value // gamma·rstd
}

// batchStatistics appends the statistics of the batch. Forward and backward rules build them
// alike, so that they are computed once.
func batchStatistics(b *ir.Builder, y *ir.Value) norm {
	x := y.Args[0]
	fold := func(name, how string) *ir.Value {
		return b.Reduce(y.Name+name, x.Type.Shape, how, allBut1(x.Type.Shape), scalar.X(0), x)
	}
	return scales(b, y, fold(".mean", "mean"), fold(".var", "var"))
}

// scales appends rstd and scale of the given statistics.
func scales(b *ir.Builder, y, mean, variance *ir.Value) norm {
	n := norm{mean: mean, variance: variance}
	shape := mean.Type.Shape
	eps := scalar.C(y.Attrs.Float("eps"))
	n.rstd = b.Map(y.Name+".rstd", shape,
		scalar.Apply(scalar.Rsqrt, scalar.Sum(scalar.X(0), eps)), variance)
	n.scale = n.rstd
	if y.Attrs.Bool("affine") {
		gamma := perChannel(b, y.Args[1], y.Type.Shape)
		n.scale = b.Map(y.Name+".scale", shape, scalar.MustParse("x0*x1"), gamma, n.rstd)
	}
	return n
}

func batchNormExpand(b *ir.Builder, y *ir.Value, mode ir.Mode) *ir.Value {
	x, shape := y.Args[0], y.Type.Shape
	states := y.Args[len(y.Args)-2:]
	var n norm
	if mode == ir.Train {
		n = batchStatistics(b, y)
		moveStatistics(b, y, states, n)
	} else {
		n = scales(b, y, perChannel(b, states[0], shape), perChannel(b, states[1], shape))
	}
	if !y.Attrs.Bool("affine") {
		return b.Map(y.Name, shape, scalar.MustParse("(x0 - x1)*x2"), x, n.mean, n.scale)
	}
	beta := perChannel(b, y.Args[2], shape)
	return b.Map(y.Name, shape, scalar.MustParse("(x0 - x1)*x2 + x3"), x, n.mean, n.scale, beta)
}

// moveStatistics moves the running statistics: new = (1-momentum)·old + momentum·batch. Over n
// elements the unbiased variance is n/(n-1) times that of the batch.
func moveStatistics(b *ir.Builder, y *ir.Value, states []*ir.Value, s norm) {
	momentum := y.Attrs.Float("momentum")
	n := float64(y.Type.Shape.Elements() / y.Type.Shape[1])
	move := func(state, batch *ir.Value, factor float64) {
		e := scalar.Sum(scalar.Product(scalar.C(1-momentum), scalar.X(0)),
			scalar.Product(scalar.C(momentum*factor), scalar.X(1)))
		flat := b.Reshape(state.Name+".batch", batch, state.Type.Shape...)
		moved := b.Map(state.Name+".next", state.Type.Shape, e, state, flat)
		b.Graph.Updates = append(b.Graph.Updates, ir.Assign{Target: state, Value: moved})
	}
	move(states[0], s.mean, 1)
	move(states[1], s.variance, n/(n-1))
}

// batchNormGrad: with n elements per channel and c = x - mean, so that y = c·scale + beta,
//
//	dbeta = Σ dy    dgamma = Σ dy·c·rstd    dx = scale·(dy - Σ dy/n - c·rstd²·Σ dy·c/n)
func batchNormGrad(b *ir.Builder, y, dy *ir.Value) []*ir.Value {
	x, shape := y.Args[0], y.Type.Shape
	s := batchStatistics(b, y)
	fold := func(name, e string) *ir.Value {
		return b.Reduce(y.Name+name, shape, "sum", allBut1(shape), scalar.MustParse(e),
			dy, x, s.mean)
	}
	sum, dot := fold(".dsum", "x0"), fold(".ddot", "x0*(x1 - x2)")

	perElement := scalar.C(float64(shape[1]) / float64(shape.Elements()))
	channel := s.mean.Type.Shape
	shift := b.Map(y.Name+".dmean", channel, scalar.Product(perElement, scalar.X(0)), sum)
	tilt := b.Map(y.Name+".dtilt", channel,
		scalar.Product(perElement, scalar.MustParse("x0*x1*x1")), dot, s.rstd)
	dx := b.Map("d."+x.Name, shape, scalar.MustParse("x0*(x1 - x2 - (x3 - x4)*x5)"),
		s.scale, dy, shift, x, s.mean, tilt)
	if !y.Attrs.Bool("affine") {
		return []*ir.Value{dx, nil, nil}
	}
	gamma, beta := y.Args[1], y.Args[2]
	dgamma := b.Map(y.Name+".dgamma", channel, scalar.MustParse("x0*x1"), dot, s.rstd)
	return []*ir.Value{dx, b.Reshape("d."+gamma.Name, dgamma, gamma.Type.Shape...),
		b.Reshape("d."+beta.Name, sum, beta.Type.Shape...), nil, nil}
}

func sampleBatchNorm(r *rand.Rand) ir.Sample {
	shape := sizes(r, 2+2*r.IntN(2), 4)
	for shape[0]*ir.Shape(shape[2:]).Elements() < 3 { // two elements always become ±1
		shape[0]++
	}
	affine := r.IntN(2) == 0
	s := ir.Sample{Args: []ir.SampleArg{argument(signed, shape...)}, Attrs: ir.Attrs{
		"eps": 1e-5, "momentum": []float64{0.1, 0.3}[r.IntN(2)], "affine": affine}}
	if affine {
		s.Args = append(s.Args, argument(signed, shape[1]), argument(signed, shape[1]))
	}
	s.Args = append(s.Args, data(argument(signed, shape[1])),
		data(argument(between(0.5, 2), shape[1])))
	return s
}
