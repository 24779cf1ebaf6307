package op

import (
	"fmt"
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/ir"
)

// maxPool2d is the largest element under a window. Padding is never the largest.
func maxPool2d() *ir.Op {
	return &ir.Op{
		Name: "max_pool2d", Kind: ir.Kernel,
		Doc:   "y[n,c,i,j] = max_k,l x[n, c, i·stride + k - pad, …]",
		Attrs: poolAttrs(),
		Shape: poolShape,
		Grad: func(b *ir.Builder, y, dy *ir.Value) []*ir.Value {
			x := y.Args[0]
			return []*ir.Value{b.Apply("d."+x.Name, "max_pool2d_dx", []*ir.Value{x, dy}, y.Attrs)}
		},
		Ref: func(y ir.Tensor, in []ir.Tensor, a ir.Attrs) {
			x := in[0]
			eachMaximum(x, y.Shape, a, func(xi, yi int) { y.Data[yi] = x.Data[xi] })
		},
		Flops: poolFlops,
		Sample: func(r *rand.Rand) ir.Sample {
			x, _, a := samplePool(r)
			return ir.Sample{Args: []ir.SampleArg{argument(signed, x...)}, Attrs: a}
		},
		Known: knownMaxPool2d,
	}
}

// knownMaxPool2d has windows of several largest elements: the first in row-major order gets it all.
func knownMaxPool2d() []ir.Known {
	x := []float64{
		1, 1, 0,
		1, 1, 2,
		0, 2, 2,
	}
	a := ir.Attrs{"kernel": []int{2, 2}, "stride": []int{1, 1}, "pad": []int{0, 0}}
	k := knownAt(a, []ir.SampleArg{given(ir.Float32(1, 1, 3, 3), x...)}, 1, 2, 2, 2)
	k.DY = []float64{1, 10, 100, 1000}
	k.Grad = []float64{
		1, 0, 0,
		0, 0, 1010,
		0, 100, 0,
	}
	return []ir.Known{k}
}

// poolAttrs are the attributes of pooling, per axis (rows, columns).
func poolAttrs(more ...ir.AttrSpec) []ir.AttrSpec {
	return append([]ir.AttrSpec{{Name: "kernel", Kind: ir.Ints}, {Name: "stride", Kind: ir.Ints},
		{Name: "pad", Kind: ir.Ints}}, more...)
}

func poolShape(args []ir.Type, a ir.Attrs) (ir.Type, error) {
	if err := wantArgs(args, 1); err != nil {
		return ir.Type{}, err
	}
	win := poolWindow(a)
	oh, ow, err := win.over(args[0])
	if err != nil {
		return ir.Type{}, err
	}
	for i := range 2 {
		if 2*win.pad[i] > win.kernel[i] { // a window could lie on padding alone
			return ir.Type{}, fmt.Errorf("padding %s is more than half of the kernel %dx%d",
				pair(win.pad), win.kernel[0], win.kernel[1])
		}
	}
	x := args[0].Shape
	return ir.Float32(x[0], x[1], oh, ow), nil
}

// eachMaximum calls f for every window with the place of its result and of its largest element;
// of several, the first in row-major order, as in PyTorch.
func eachMaximum(x ir.Tensor, y ir.Shape, a ir.Attrs, f func(xi, yi int)) {
	win, height, width := poolWindow(a), x.Shape[2], x.Shape[3]
	yi := 0
	for p := range y[0] * y[1] {
		for oy := range y[2] {
			for ox := range y[3] {
				best := -1
				win.each(oy, ox, height, width, func(_, _, iy, ix int) {
					xi := (p*height+iy)*width + ix
					if best < 0 || x.Data[xi] > x.Data[best] {
						best = xi
					}
				})
				f(best, yi)
				yi++
			}
		}
	}
}

// poolFlops counts one operation per place of every window.
func poolFlops(args []ir.Type, out ir.Type, a ir.Attrs) int64 {
	kernel := a.Ints("kernel")
	return int64(out.Shape.Elements()) * int64(kernel[0]*kernel[1])
}

// samplePool draws the shapes and attributes of a pooling operation.
func samplePool(r *rand.Rand) (x, y ir.Shape, a ir.Attrs) {
	kernel, stride, pad := sizes(r, 2, 3), sizes(r, 2, 3), make([]int, 2)
	x = sizes(r, 2, 3)
	y = append(y, x...)
	for i := range 2 {
		pad[i] = r.IntN(kernel[i]/2 + 1)
		x = append(x, max(1, kernel[i]-2*pad[i])+r.IntN(5))
		y = append(y, (x[2+i]+2*pad[i]-kernel[i])/stride[i]+1)
	}
	return x, y, ir.Attrs{"kernel": kernel, "stride": stride, "pad": pad}
}
