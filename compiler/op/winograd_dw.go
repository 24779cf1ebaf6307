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
		Name: "winograd_dw", Kind: ir.Kernel,
		Doc:   "dw[o,c] = Gᵀ·[Σ_n,tile (A·dy[n,o,tile]·Aᵀ) ⊙ (Bᵀ·x[n, c, tile - pad]·B)]·G",
		Attrs: []ir.AttrSpec{{Name: "pad", Kind: ir.Ints}},
		Shape: winogradDWShape,
		Ref:   winogradDWRef,
		Layouts: func(_ ir.Target, args []ir.Type, _ ir.Type, a ir.Attrs) ([]ir.Layout, ir.Layout) {
			return []ir.Layout{convInput(args[0], a), {Order: ir.NCHW16c}},
				ir.Layout{Order: ir.OIHW16o}
		},
		Split: winogradDWSplit,
		Pieces: func([]ir.Type, ir.Type, ir.Attrs) [2]int {
			return [2]int{winogradChannels, winogradChannels}
		},
		Scratch: func(args []ir.Type, out ir.Type, _ ir.Attrs, piece [2]int) int {
			dy := args[1].Shape
			t := winograd.NewTiling(dy[2], dy[3], dy[0])
			in, outs := blocksOf(piece[1])+1, blocksOf(piece[0]) // a piece may begin within a block
			in = min(in, blocksOf(out.Shape[1]))
			return (t.Scratch(in, outs) +
				winograd.Numbers*winograd.Step(in*outs*ir.Lanes)) * ir.Lanes
		},
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
	if !dy.Equal(ir.Float32(x.Shape[0], out, rows, columns).With(dy.Layout)) ||
		out%ir.Lanes != 0 || in%ir.Lanes != 0 {
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

// winogradDWSplit cuts the sum over the batch so that there are about 16 tasks also where there are
// few channels.
func winogradDWSplit(args []ir.Type, out ir.Type, _ ir.Attrs) int {
	const tasks = 16
	pieces := 1
	for _, channels := range out.Shape[:2] {
		pieces *= (channels + winogradChannels - 1) / winogradChannels
	}
	return min(args[0].Shape[0], (tasks+pieces-1)/pieces)
}

// winogradGradient replaces the gradient with respect to the weights where that pays.
func winogradGradient(b *ir.Builder, dw *ir.Value, _ ir.Target) *ir.Value {
	x, dy := dw.Args[0], dw.Args[1]
	if b.Graph.Recipe.Direct ||
		!winogradPays(dy.Type.Shape, x.Type.Shape[1], dw.Attrs.Ints("kernel"), dw.Attrs) {
		return nil
	}
	return b.Apply(dw.Name, "winograd_dw", []*ir.Value{x, dy},
		ir.Attrs{"pad": dw.Attrs.Ints("pad")})
}
