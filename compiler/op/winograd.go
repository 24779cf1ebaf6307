package op

import (
	"fmt"
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/winograd"
)

// winogradConv is conv2d with kernels of 3x3 and stride 1, from images x [N,C,H,W] and weights u
// that winograd_weights has transformed.
func winogradConv() *ir.Op {
	return &ir.Op{
		Name: "winograd", Kind: ir.Kernel, Internal: true,
		Doc:   "y[n,o,tile] = Aᵀ·[Σ_c u[o,c] ⊙ (Bᵀ·x[n, c, tile - pad]·B)]·A",
		Attrs: []ir.AttrSpec{{Name: "pad", Kind: ir.Ints}},
		Shape: winogradShape,
		Ref:   winogradRef,
		Flops: func(args []ir.Type, out ir.Type, _ ir.Attrs) int64 {
			return winogradFlops(out.Shape, args[0].Shape[1])
		},
		Sample: func(r *rand.Rand) ir.Sample {
			x, y, pad := sampleWinograd(r)
			u := argument(signed, y[1], x[1], winograd.Patch, winograd.Patch)
			return ir.Sample{Args: []ir.SampleArg{argument(signed, x...), u},
				Attrs: ir.Attrs{"pad": pad}}
		},
	}
}

func winogradShape(args []ir.Type, a ir.Attrs) (ir.Type, error) {
	if err := wantArgs(args, 2); err != nil {
		return ir.Type{}, err
	}
	x, u := args[0], args[1]
	rows, columns, err := winogradWindow(a).over(x)
	if err != nil {
		return ir.Type{}, err
	}
	out, err := wantSquares(u, winograd.Patch)
	if err != nil {
		return ir.Type{}, err
	}
	if x.Shape[1] != u.Shape[1] {
		return ir.Type{}, fmt.Errorf("input has %s, weights %s are for %d",
			ir.Plural(x.Shape[1], "channel"), u.Shape, u.Shape[1])
	}
	return ir.Float32(x.Shape[0], out, rows, columns), nil
}

// wantSquares reports weights other than squares. It returns how many channels they yield.
func wantSquares(w ir.Type, square int) (int, error) {
	s := w.Shape
	if len(s) != 4 || s[2] != square || s[3] != square {
		return 0, fmt.Errorf("weights are %s, want %dx%d", typeOf(w), square, square)
	}
	return s[0], nil
}

// winogradWindow returns the window that the algorithm is for.
func winogradWindow(a ir.Attrs) window {
	return window{[]int{winograd.Kernel, winograd.Kernel}, []int{1, 1}, a.Ints("pad"), []int{1, 1}}
}

func winogradRef(y ir.Tensor, in []ir.Tensor, a ir.Attrs) {
	x, u := in[0], in[1]
	channels, outs := x.Shape[1], y.Shape[1]
	at := winograd.AT()
	eachTile(y.Shape, func(image int, t tileAt) {
		v := make([][]float64, channels)
		for c := range v {
			v[c] = t.pixels(x, image, c, a.Ints("pad"))
		}
		for o := range outs {
			m := make([]float64, winograd.Numbers)
			for f := range m {
				for c := range channels {
					m[f] += u.Data[(o*channels+c)*winograd.Numbers+f] * v[c][f]
				}
			}
			results := winograd.Apply(at, m)
			t.each(y.Shape, image, o, func(i, at int) { y.Data[at] = results[i] })
		}
	})
}

// tileAt is the place of a tile in an image.
type tileAt struct{ row, column int }

// eachTile calls f for the tiles of the images of a result.
func eachTile(y ir.Shape, f func(image int, t tileAt)) {
	for image := range y[0] {
		for row := 0; row < y[2]; row += winograd.Tile {
			for column := 0; column < y[3]; column += winograd.Tile {
				f(image, tileAt{row, column})
			}
		}
	}
}

// pixels returns the transformed pixels that a tile depends on; those that the image lacks are 0.
func (t tileAt) pixels(x ir.Tensor, image, channel int, pad []int) []float64 {
	patch := make([]float64, winograd.Numbers)
	for i := range patch {
		row, column := t.row+i/winograd.Patch-pad[0], t.column+i%winograd.Patch-pad[1]
		if row >= 0 && row < x.Shape[2] && column >= 0 && column < x.Shape[3] {
			patch[i] = x.Data[((image*x.Shape[1]+channel)*x.Shape[2]+row)*x.Shape[3]+column]
		}
	}
	return winograd.Apply(winograd.BT(), patch)
}

// each calls f for the pixels i of a tile that a plane has, with their index in the tensor.
func (t tileAt) each(shape ir.Shape, image, channel int, f func(i, at int)) {
	for i := range winograd.Tile * winograd.Tile {
		row, column := t.row+i/winograd.Tile, t.column+i%winograd.Tile
		if row < shape[2] && column < shape[3] {
			f(i, ((image*shape[1]+channel)*shape[2]+row)*shape[3]+column)
		}
	}
}

// winogradFlops counts the products of transformed numbers.
func winogradFlops(y ir.Shape, channels int) int64 {
	return 2 * winograd.Numbers * winogradTiles(y) * int64(y[1]*channels)
}

func winogradTiles(y ir.Shape) int64 {
	t := winograd.NewTiling(y[2], y[3], 1)
	return int64(y[0] * t.Down * t.Across)
}

// winogradChannels draws how many channels a sample has: as many as kernels can do that compute in
// blocks of 16. Targets use the algorithm where that is so.
func winogradChannels(r *rand.Rand) int { return 16 * size(r, 2) }

// sampleWinograd draws shapes of images and results, and a padding.
func sampleWinograd(r *rand.Rand) (x, y ir.Shape, pad []int) {
	pad = []int{r.IntN(3), r.IntN(3)}
	x = ir.Shape{size(r, 3), winogradChannels(r), 0, 0}
	y = ir.Shape{x[0], winogradChannels(r), 0, 0}
	for i := range 2 {
		x[2+i] = max(1, winograd.Kernel-2*pad[i]) + r.IntN(7)
		y[2+i] = x[2+i] + 2*pad[i] - winograd.Kernel + 1
	}
	return x, y, pad
}
