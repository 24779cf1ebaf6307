package op

import (
	"fmt"
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/winograd"
)

// winogradDW is the gradient of the kernels of winograd, from the images x [N,C,H,W] and
// dy [N,O,OH,OW].
func winogradDW() *ir.Op {
	return &ir.Op{
		Name: "winograd_dw", Kind: ir.Kernel, Internal: true,
		Doc:   "dw[o,c] = Gᵀ·[Σ_n,tile (A·dy[n,o,tile]·Aᵀ) ⊙ (Bᵀ·x[n, c, tile - pad]·B)]·G",
		Attrs: []ir.AttrSpec{{Name: "pad", Kind: ir.Ints}},
		Shape: winogradDWShape,
		Ref:   winogradDWRef,
		Flops: func(args []ir.Type, out ir.Type, _ ir.Attrs) int64 {
			return winogradFlops(args[1].Shape, out.Shape[1])
		},
		Sample: func(r *rand.Rand) ir.Sample {
			x, y, pad := sampleWinograd(r)
			return ir.Sample{Args: []ir.SampleArg{argument(signed, x...), argument(signed, y...)},
				Attrs: ir.Attrs{"pad": pad}}
		},
	}
}

func winogradDWShape(args []ir.Type, a ir.Attrs) (ir.Type, error) {
	if err := wantArgs(args, 2); err != nil {
		return ir.Type{}, err
	}
	x, dy := args[0], args[1]
	rows, columns, err := winogradWindow(a).over(x)
	if err != nil {
		return ir.Type{}, err
	}
	if err := wantImages(dy); err != nil {
		return ir.Type{}, err
	}
	out, in := dy.Shape[1], x.Shape[1]
	if !dy.Equal(ir.Float32(x.Shape[0], out, rows, columns).With(dy.Layout)) {
		return ir.Type{}, fmt.Errorf("input %s and gradient %s do not fit", x.Shape, dy.Shape)
	}
	return ir.Float32(out, in, winograd.Kernel, winograd.Kernel), nil
}

func winogradDWRef(dw ir.Tensor, args []ir.Tensor, a ir.Attrs) {
	const taps = winograd.Kernel * winograd.Kernel
	x, dy := args[0], args[1]
	outs, ins := dw.Shape[0], dw.Shape[1]
	sums := make([][winograd.Numbers]float64, outs*ins)
	spread := winograd.Transpose(winograd.AT())
	eachTile(dy.Shape, func(image int, t tileAt) {
		for c := range ins {
			v := t.pixels(x, image, c, a.Ints("pad"))
			for o := range outs {
				var tile [winograd.Tile * winograd.Tile]float64
				t.each(dy.Shape, image, o, func(i, at int) { tile[i] = dy.Data[at] })
				for f, h := range winograd.Apply(spread, tile[:]) {
					sums[o*ins+c][f] += h * v[f]
				}
			}
		}
	})
	back := winograd.Transpose(winograd.G())
	for i := range sums {
		copy(dw.Data[i*taps:], winograd.Apply(back, sums[i][:]))
	}
}
