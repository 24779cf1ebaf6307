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
		Name: "winograd_weights", Kind: ir.Kernel,
		Doc:   "u[o,c] = G·w[o,c]·Gᵀ",
		Attrs: []ir.AttrSpec{{Name: "turned", Kind: ir.Bool}},
		Shape: winogradWeightsShape,
		Ref:   winogradWeightsRef,
		Layouts: func(_ ir.Target, _ []ir.Type, _ ir.Type, a ir.Attrs) ([]ir.Layout, ir.Layout) {
			w := ir.Layout{Order: ir.OIHW16o}
			if a.Bool("turned") {
				w.Order = ir.IOHW16i
			}
			return []ir.Layout{w}, ir.Layout{Order: ir.HWOI16o}
		},
		Flops: func(_ []ir.Type, out ir.Type, _ ir.Attrs) int64 {
			const each = 4 // for a number of the result, about
			return each * int64(out.Shape.Elements())
		},
		Sample: func(r *rand.Rand) ir.Sample {
			w := argument(signed, ir.Lanes*size(r, 2), ir.Lanes*size(r, 2), winograd.Kernel,
				winograd.Kernel)
			return ir.Sample{Args: []ir.SampleArg{w}, Attrs: ir.Attrs{"turned": r.IntN(2) == 0}}
		},
	}
}

func winogradWeightsShape(args []ir.Type, a ir.Attrs) (ir.Type, error) {
	if err := wantArgs(args, 1); err != nil {
		return ir.Type{}, err
	}
	out, err := wantBlocks(args[0], winograd.Kernel)
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

// winogradForward replaces a convolution where that pays.
func winogradForward(b *ir.Builder, y *ir.Value, _ ir.Target) *ir.Value {
	x, w := y.Args[0], y.Args[1]
	if b.Graph.Recipe.Direct || !winogradPays(y.Type.Shape, x.Type.Shape[1], w.Type.Shape[2:], y.Attrs) {
		return nil
	}
	u := b.Apply(w.Name+".winograd", "winograd_weights", []*ir.Value{w}, ir.Attrs{"turned": false})
	return b.Apply(y.Name, "winograd", []*ir.Value{x, u}, ir.Attrs{"pad": y.Attrs.Ints("pad")})
}

// winogradBackward replaces the gradient with respect to the images where that pays: it is the
// convolution of dy with the kernel turned around, padded by what the kernel reaches beyond the
// padding of the images.
func winogradBackward(b *ir.Builder, dx *ir.Value, _ ir.Target) *ir.Value {
	dy, w := dx.Args[0], dx.Args[1]
	if b.Graph.Recipe.Direct || !winogradPays(dx.Type.Shape, dy.Type.Shape[1], w.Type.Shape[2:], dx.Attrs) {
		return nil
	}
	var pad []int
	for _, p := range dx.Attrs.Ints("pad") {
		pad = append(pad, winograd.Kernel-1-p)
	}
	u := b.Apply(w.Name+".turned", "winograd_weights", []*ir.Value{w}, ir.Attrs{"turned": true})
	return b.Apply(dx.Name, "winograd", []*ir.Value{dy, u}, ir.Attrs{"pad": pad})
}
