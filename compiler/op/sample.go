package op

import (
	"math/rand/v2"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
)

// The functions here draw random uses of operations for tests: small shapes, with sizes of 1 and
// odd ones among them.

// argument is a Float32 argument of the given shape.
func argument(draw func(*rand.Rand) float64, dims ...int) ir.SampleArg {
	return ir.SampleArg{Type: ir.Float32(dims...), Draw: draw}
}

// data is an argument without gradient.
func data(a ir.SampleArg) ir.SampleArg {
	a.Data = true
	return a
}

// classes is an argument that labels n rows with one of k classes.
func classes(n, k int) ir.SampleArg {
	return ir.SampleArg{
		Type: ir.Type{DType: ir.I32, Shape: ir.Shape{n}},
		Draw: func(r *rand.Rand) float64 { return float64(r.IntN(k)) },
		Data: true,
	}
}

// size returns 1 to n.
func size(r *rand.Rand, n int) int { return 1 + r.IntN(n) }

// sizes returns n sizes of 1 to limit.
func sizes(r *rand.Rand, n, limit int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = size(r, limit)
	}
	return list
}

// anyShape returns a shape of 1 to 4 axes.
func anyShape(r *rand.Rand) ir.Shape { return sizes(r, size(r, 4), 5) }

// between returns a function that draws from [low, high).
func between(low, high float64) func(*rand.Rand) float64 {
	return func(r *rand.Rand) float64 { return low + (high-low)*r.Float64() }
}

// signed draws from [-2, -0.01) and [0.01, 2): clear of 0, where activations have their kink.
func signed(r *rand.Rand) float64 {
	v := 0.01 + 1.99*r.Float64()
	if r.IntN(2) == 0 {
		return -v
	}
	return v
}

// sampleUnary draws uses of a map of one argument.
func sampleUnary(attrs func(*rand.Rand) ir.Attrs) func(*rand.Rand) ir.Sample {
	return func(r *rand.Rand) ir.Sample {
		s := ir.Sample{Args: []ir.SampleArg{argument(signed, anyShape(r)...)}, Attrs: ir.Attrs{}}
		if attrs != nil {
			s.Attrs = attrs(r)
		}
		return s
	}
}

// sampleBinary draws uses of a map of two arguments, of which either may repeat along axes.
func sampleBinary(r *rand.Rand) ir.Sample {
	shape := anyShape(r)
	args := []ir.SampleArg{argument(signed, repeated(r, shape)...),
		argument(signed, repeated(r, shape)...)}
	return ir.Sample{Args: args, Attrs: ir.Attrs{}}
}

// repeated returns the shape of an argument that repeats along random axes of shape.
func repeated(r *rand.Rand, shape ir.Shape) ir.Shape {
	dims := slices.Clone(shape)
	for axis := range dims {
		if r.IntN(4) == 0 {
			dims[axis] = 1
		}
	}
	return dims
}

// far is where exponentials overflow or vanish.
const far = 1e4

// given is an argument of the given elements.
func given(t ir.Type, data ...float64) ir.SampleArg {
	return ir.SampleArg{Type: t, Data: t.DType == ir.I32, Draw: func(*rand.Rand) float64 {
		e := data[0]
		data = data[1:]
		return e
	}}
}

// rows is an argument of the given rows, of the same length.
func rows(list ...[]float64) ir.SampleArg {
	return given(ir.Float32(len(list), len(list[0])), slices.Concat(list...)...)
}

// knownAt is a use whose results are known.
func knownAt(a ir.Attrs, args []ir.SampleArg, result ...float64) ir.Known {
	return ir.Known{Sample: ir.Sample{Args: args, Attrs: a}, Result: result}
}

// farLogits are logits of which some have a probability of 1, some of 0, and some that of others; the
// labels are 0, 1, 2 and 0.
func farLogits() []ir.SampleArg {
	labels := ir.Type{DType: ir.I32, Shape: ir.Shape{4}}
	return []ir.SampleArg{rows([]float64{far, -far, 0}, []float64{-far, -far, far},
		[]float64{far, far, far}, []float64{0, -far, -far}), given(labels, 0, 1, 2, 0)}
}

// sure is a loss of logits that say the label, times 1/temperature 60 above two other classes: the
// label's probability is 1 up to rounding. Grad is that of the label's logit, which the others share.
func sure(a ir.Attrs, loss, grad float64) ir.Known {
	k := knownAt(a, []ir.SampleArg{rows([]float64{60, 0, 0}),
		given(ir.Type{DType: ir.I32, Shape: ir.Shape{1}}, 0)}, loss)
	k.Grad = []float64{grad, -grad / 2, -grad / 2}
	return k
}
