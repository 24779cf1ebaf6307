package op

import (
	"math/rand/v2"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/winograd"
)

// winogradWeights transforms kernels w [O,C,3,3] for winograd. If they are turned around, so are
// the kernels, and O and C change places: thus convolves the gradient with respect to the images.
func winogradWeights() *ir.Op {
	return &ir.Op{
		Name: "winograd_weights", Kind: ir.Kernel, Internal: true,
		Doc:   "u[o,c] = G·w[o,c]·Gᵀ",
		Attrs: []ir.AttrSpec{{Name: "turned", Kind: ir.Bool}},
		Shape: winogradWeightsShape,
		Ref:   winogradWeightsRef,
		Flops: func(_ []ir.Type, out ir.Type, _ ir.Attrs) int64 {
			const each = 4 // for a number of the result, about
			return each * int64(out.Shape.Elements())
		},
		Sample: func(r *rand.Rand) ir.Sample {
			w := argument(signed, winogradChannels(r), winogradChannels(r), winograd.Kernel,
				winograd.Kernel)
			return ir.Sample{Args: []ir.SampleArg{w}, Attrs: ir.Attrs{"turned": r.IntN(2) == 0}}
		},
	}
}

func winogradWeightsShape(args []ir.Type, a ir.Attrs) (ir.Type, error) {
	if err := wantArgs(args, 1); err != nil {
		return ir.Type{}, err
	}
	out, err := wantSquares(args[0], winograd.Kernel)
	if err != nil {
		return ir.Type{}, err
	}
	in := args[0].Shape[1]
	if a.Bool("turned") {
		out, in = in, out
	}
	return ir.Float32(out, in, winograd.Patch, winograd.Patch), nil
}

func winogradWeightsRef(u ir.Tensor, args []ir.Tensor, a ir.Attrs) {
	const taps = winograd.Kernel * winograd.Kernel
	w, g := args[0], winograd.G()
	for o := range u.Shape[0] {
		for c := range u.Shape[1] {
			at := o*u.Shape[1] + c
			if a.Bool("turned") {
				at = c*u.Shape[0] + o
			}
			kernel := slices.Clone(w.Data[at*taps:][:taps])
			if a.Bool("turned") {
				slices.Reverse(kernel)
			}
			copy(u.Data[(o*u.Shape[1]+c)*winograd.Numbers:], winograd.Apply(g, kernel))
		}
	}
}
