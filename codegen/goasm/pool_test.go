package goasm

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/plan"
)

// pooling is a plain reference over the float32 elements of one plane: in are the image, or the
// gradient, or both, and windows the pixels that each window covers.
type pooling func(out []float32, in [][]float32, windows [][]int, share func(pixels int) float32)

var poolings = map[string]pooling{
	"max_pool2d": func(y []float32, in [][]float32, windows [][]int, _ func(int) float32) {
		for i, window := range windows {
			y[i] = float32(math.Inf(-1))
			for _, at := range window {
				y[i] = max(y[i], in[0][at])
			}
		}
	},
	"max_pool2d_dx": func(dx []float32, in [][]float32, windows [][]int, _ func(int) float32) {
		for i, window := range windows {
			place := window[0]
			for _, at := range window {
				if in[0][at] > in[0][place] {
					place = at
				}
			}
			dx[place] += in[1][i]
		}
	},
	"avg_pool2d": func(y []float32, in [][]float32, windows [][]int, share func(int) float32) {
		for i, window := range windows {
			for _, at := range window {
				y[i] += in[0][at]
			}
			y[i] *= share(len(window))
		}
	},
	"avg_pool2d_dx": func(dx []float32, in [][]float32, windows [][]int, share func(int) float32) {
		for i, window := range windows {
			for _, at := range window {
				part := in[0][i] * share(len(window))
				dx[at] += part
			}
		}
	},
}

// TestPools compares bits, also of NaNs, infinities, zeros of both signs and equal elements.
func TestPools(t *testing.T) {
	h := newHarness(t)
	h.exact = true
	r := rand.New(rand.NewPCG(5, 6))
	for _, name := range slices.Sorted(maps.Keys(poolings)) {
		row := op.All()[name]
		for i := range 12 {
			s := row.Sample(r)
			h.pool(r, fmt.Sprint(row.Name, i), row, s.ArgTypes(), s.Attrs)
		}
		for i, c := range []struct{ channels, rows, columns, kernel, stride, pad int }{
			{32, 22, 22, 2, 2, 0}, {16, 7, 5, 2, 2, 0}, {20, 8, 8, 3, 2, 1}, {16, 4, 4, 4, 1, 0},
			{16, 9, 6, 3, 3, 1}, {16, 6, 7, 1, 2, 0}, {16, 9, 9, 5, 1, 2},
		} {
			attrs := ir.Attrs{"kernel": []int{c.kernel, c.kernel}, "pad": []int{c.pad, c.pad},
				"stride": []int{c.stride, c.stride}, "size": []int{c.rows, c.columns},
				"count_include_pad": i%2 == 0}
			x := ir.Float32(2, c.channels, c.rows, c.columns)
			y, err := op.All()["max_pool2d"].Shape([]ir.Type{x}, attrs)
			if err != nil {
				t.Fatal(err)
			}
			args := map[string][]ir.Type{"max_pool2d": {x}, "max_pool2d_dx": {x, y},
				"avg_pool2d": {x}, "avg_pool2d_dx": {y}}[name]
			h.pool(r, fmt.Sprint(row.Name, "fixed", i), row, args, attrs)
		}
	}
	h.run()
}

// pool adds the calls for every image and block of channels of a pooling operation.
func (h *harness) pool(r *rand.Rand, name string, row *ir.Op, types []ir.Type, attrs ir.Attrs) {
	var args []ir.Tensor
	for _, t := range types {
		args = append(args, drawSpecial(r, t.Shape))
	}
	u := useOf(row, types, args, attrs)
	out := &u.kernel.Out.Type
	out.Layout.Halo = [2]int{r.IntN(3), r.IntN(3)}
	for i := range u.kernel.Args {
		u.kernel.Args[i].Type.Layout.Halo = [2]int{r.IntN(3), r.IntN(3)}
	}
	u.want = poolWant(u, attrs)
	params := map[string]string{"max_pool2d": "largest, image", "max_pool2d_dx": "dx, image, dy",
		"avg_pool2d": "mean, image", "avg_pool2d_dx": "dx, dy"}[row.Name]
	step := &plan.Step{Kernel: &u.kernel}
	h.kernel(name, params+" []float32", kernels()[row.Name].find(step, *out).emit)
	n, blocks := out.Shape[0], plan.Blocks(*out, 1)
	planes := [][][]float32{make([][]float32, n*blocks), make([][]float32, n*blocks)}
	for i, a := range u.kernel.Args {
		planes[i] = images(laid(args[i], a.Type), n*blocks)
	}
	for i := range n * blocks {
		offsets, want := u.planeWanted(i/blocks, i%blocks)
		h.call(name, poison(out.Place().Stride[1]), planes[0][i], planes[1][i], nil, offsets, want)
	}
}

// drawSpecial returns a tensor with few different elements, some of them no numbers.
func drawSpecial(r *rand.Rand, shape ir.Shape) ir.Tensor {
	special := []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 0, 1, -1, 2}
	t := ir.NewTensor(shape)
	for i := range t.Data {
		t.Data[i] = float64(float32(r.NormFloat64()))
		if r.IntN(2) == 0 {
			t.Data[i] = special[r.IntN(len(special))]
		}
	}
	return t
}

// poolWant computes the result of a use of pooling by its plain reference.
func poolWant(u use, attrs ir.Attrs) ir.Tensor {
	out := u.kernel.Out.Type.Shape
	image, result := u.args[0].Shape, u.args[len(u.args)-1].Shape
	if u.kernel.Op.Name != "avg_pool2d_dx" && len(u.args) == 1 {
		result = out
	} else {
		image = out
	}
	windows := windowsOf(image, result, attrs)
	kernel := attrs.Ints("kernel")
	share := func(pixels int) float32 {
		if attrs["count_include_pad"] == true {
			pixels = kernel[0] * kernel[1]
		}
		return 1 / float32(pixels)
	}
	want := ir.NewTensor(out)
	planes := out[0] * out[1]
	for p := range planes {
		var in [][]float32
		for _, a := range u.args {
			size := len(a.Data) / planes
			in = append(in, floats(a.Data[p*size:][:size]))
		}
		y := make([]float32, out[2]*out[3])
		poolings[u.kernel.Op.Name](y, in, windows, share)
		for i, v := range y {
			want.Data[p*len(y)+i] = float64(v)
		}
	}
	return want
}

// windowsOf returns the pixels of a plane that each window covers.
func windowsOf(image, result ir.Shape, attrs ir.Attrs) [][]int {
	kernel, stride, pad := attrs.Ints("kernel"), attrs.Ints("stride"), attrs.Ints("pad")
	var windows [][]int
	for i := range result[2] {
		for j := range result[3] {
			var window []int
			for k := range kernel[0] {
				for l := range kernel[1] {
					y, x := i*stride[0]+k-pad[0], j*stride[1]+l-pad[1]
					if 0 <= y && y < image[2] && 0 <= x && x < image[3] {
						window = append(window, y*image[3]+x)
					}
				}
			}
			windows = append(windows, window)
		}
	}
	return windows
}

func floats(data []float64) []float32 {
	list := make([]float32, len(data))
	for i, v := range data {
		list[i] = float32(v)
	}
	return list
}
