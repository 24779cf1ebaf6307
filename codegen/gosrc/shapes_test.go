package gosrc_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
)

// TestShapes runs operations over shapes that the samples of operations are too small for: more
// channels than a block has, products deeper and wider than their blocks, folds of many elements.
func TestShapes(t *testing.T) {
	u := newUses(11)
	for _, size := range [][3]int{{70, 300, 37}, {1, 513, 1}, {65, 257, 17}, {3, 1021, 50},
		{64, 256, 16}} {
		for trans := range 4 {
			u.product(t, size, trans&1 != 0, trans&2 != 0)
		}
	}
	for _, channels := range [][2]int{{35, 33}, {16, 32}, {7, 40}, {48, 3}} {
		for _, stride := range [][]int{{1, 1}, {2, 1}, {2, 2}, {3, 2}} {
			for _, dilation := range []int{1, 2} {
				u.convolutions(t, channels[0], channels[1], stride, dilation)
			}
		}
	}
	for _, size := range [][3]int{{70, 4, 4}, {9, 8, 9}, {3, 22, 26}, {2, 37, 30}, {1, 5, 270}} {
		u.winograd(t, size[0], size[1], size[2])
	}
	for _, shape := range []ir.Shape{{4, 35, 5, 3}, {50, 70}, {40000}, {2, 3, 40}, {3, 16, 1, 1},
		{1, 20, 4, 4}} {
		u.folds(shape)
	}
	u.ties(t)
	// Planes that are too large for the stack.
	u.add(t, "max_pool2d", ir.Sample{Args: []ir.SampleArg{normal(1, 20, 51, 50)},
		Attrs: ir.Attrs{"kernel": []int{1, 1}, "stride": []int{1, 1}, "pad": []int{0, 0}}})
	r := rand.New(rand.NewPCG(12, 13))
	u.test(t, func(s *plan.Step) {
		if r.IntN(2) == 0 {
			cut(r, s)
		}
	})
}

func normal(dims ...int) ir.SampleArg {
	return ir.SampleArg{Type: ir.Float32(dims...), Draw: (*rand.Rand).NormFloat64}
}

func (u *uses) product(t *testing.T, size [3]int, transA, transB bool) {
	a, b := []int{size[0], size[1]}, []int{size[1], size[2]}
	if transA {
		a[0], a[1] = a[1], a[0]
	}
	if transB {
		b[0], b[1] = b[1], b[0]
	}
	u.add(t, "matmul", ir.Sample{Args: []ir.SampleArg{normal(a...), normal(b...)},
		Attrs: ir.Attrs{"trans_a": transA, "trans_b": transB}})
}

// ties adds a maximum pooling and its gradient where windows have several largest elements.
func (u *uses) ties(t *testing.T) {
	draw := func(r *rand.Rand) float64 { return float64(r.IntN(3)) }
	x := ir.SampleArg{Type: ir.Float32(2, 20, 7, 6), Draw: draw}
	attrs := ir.Attrs{"kernel": []int{3, 3}, "stride": []int{2, 1}, "pad": []int{1, 1}}
	u.add(t, "max_pool2d", ir.Sample{Args: []ir.SampleArg{x}, Attrs: attrs})
	u.add(t, "max_pool2d_dx", ir.Sample{Args: []ir.SampleArg{x, normal(2, 20, 4, 6)}, Attrs: attrs})
}

// convolutions adds a convolution and its gradients.
func (u *uses) convolutions(t *testing.T, in, out int, stride []int, dilation int) {
	attrs := func(name string, value []int) ir.Attrs {
		a := ir.Attrs{"stride": stride, "pad": []int{1, 2},
			"dilation": []int{1, dilation}}
		if name != "" {
			a[name] = value
		}
		return a
	}
	x, w := normal(3, in, 9, 7), normal(out, in, 3, 2)
	y := normal(3, out, (9+2-3)/stride[0]+1, (7+4-dilation-1)/stride[1]+1)
	u.add(t, "conv2d", ir.Sample{Args: []ir.SampleArg{x, w}, Attrs: attrs("", nil)})
	u.add(t, "conv2d_dx", ir.Sample{Args: []ir.SampleArg{y, w}, Attrs: attrs("size", []int{9, 7})})
	u.add(t, "conv2d_dw", ir.Sample{Args: []ir.SampleArg{x, y},
		Attrs: attrs("kernel", []int{3, 2})})
}

// winograd adds a convolution by Winograd's algorithm and the gradient of its kernels: for many
// small images, for rows of tiles that an image does not fill, for more tiles than are gone over at
// a time, and for tasks of several blocks of channels.
func (u *uses) winograd(t *testing.T, images, rows, columns int) {
	x, y := normal(images, 48, rows, columns), normal(images, 160, rows, columns-2)
	attrs := ir.Attrs{"pad": []int{1, 0}}
	u.add(t, "winograd", ir.Sample{Args: []ir.SampleArg{x, normal(160, 48, 6, 6)}, Attrs: attrs})
	u.add(t, "winograd_dw", ir.Sample{Args: []ir.SampleArg{x, y}, Attrs: attrs})
}

// folds adds all folds of a shape along all sets of axes, and a map over it.
func (u *uses) folds(shape ir.Shape) {
	x := u.source(u.builder.Unique("x"), "param", shape, u.rand, (*rand.Rand).NormFloat64)
	for _, fold := range []string{"sum", "mean", "var", "max"} {
		for set := 1; set < 1<<len(shape); set++ {
			var axes []int
			for axis := range shape {
				if set>>axis&1 != 0 {
					axes = append(axes, axis)
				}
			}
			y := u.builder.Reduce(u.builder.Unique(fold), shape, fold, axes,
				scalar.MustParse("x0 + 3"), x)
			u.graph.Outputs = append(u.graph.Outputs, ir.Output{Name: y.Name, Value: y})
		}
	}
}
