package op

import (
	"fmt"
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/ir"
)

// conv2d is the cross-correlation of images x [N,C,H,W] with weights w [O,C,KH,KW].
func conv2d() *ir.Op {
	return &ir.Op{
		Name: "conv2d", Kind: ir.Kernel,
		Doc: "y[n,o,i,j] = Σ_c,k,l x[n, c, i·stride + k·dilation - pad, …]·w[o,c,k,l]",
		Attrs: []ir.AttrSpec{{Name: "stride", Kind: ir.Ints}, {Name: "pad", Kind: ir.Ints},
			{Name: "dilation", Kind: ir.Ints}},
		Shape: conv2dShape,
		Grad:  conv2dGrad,
		Ref:   conv2dRef,
		Flops: func(args []ir.Type, out ir.Type, _ ir.Attrs) int64 {
			return conv2dFlops(out.Shape, args[1].Shape)
		},
		Sample: func(r *rand.Rand) ir.Sample {
			x, w, _, a := sampleConv2d(r)
			return ir.Sample{Args: []ir.SampleArg{argument(signed, x...), argument(signed, w...)},
				Attrs: a}
		},
	}
}

// convWindow returns the window of a convolution with kernels of shape [O,C,KH,KW].
func convWindow(w ir.Shape, a ir.Attrs) window {
	return window{w[2:], a.Ints("stride"), a.Ints("pad"), a.Ints("dilation")}
}

func conv2dShape(args []ir.Type, a ir.Attrs) (ir.Type, error) {
	if err := wantArgs(args, 2); err != nil {
		return ir.Type{}, err
	}
	x, w := args[0], args[1]
	if len(w.Shape) != 4 {
		return ir.Type{}, fmt.Errorf("weights are %s, want [out,in,height,width]", typeOf(w))
	}
	oh, ow, err := convWindow(w.Shape, a).over(x)
	if err != nil {
		return ir.Type{}, err
	}
	if x.Shape[1] != w.Shape[1] {
		return ir.Type{}, fmt.Errorf("input has %s, weights %s are for %d",
			ir.Plural(x.Shape[1], "channel"), w.Shape, w.Shape[1])
	}
	return ir.Float32(x.Shape[0], w.Shape[0], oh, ow), nil
}

// conv2dGrad: each product x·w of the sum gives dy·w to dx and dy·x to dw.
func conv2dGrad(b *ir.Builder, y, dy *ir.Value) []*ir.Value {
	x, w := y.Args[0], y.Args[1]
	size := []int{x.Type.Shape[2], x.Type.Shape[3]}
	kernel := []int{w.Type.Shape[2], w.Type.Shape[3]}
	return []*ir.Value{
		b.Apply("d."+x.Name, "conv2d_dx", []*ir.Value{dy, w}, with(y.Attrs, "size", size)),
		b.Apply("d."+w.Name, "conv2d_dw", []*ir.Value{x, dy}, with(y.Attrs, "kernel", kernel)),
	}
}

func conv2dRef(y ir.Tensor, in []ir.Tensor, a ir.Attrs) {
	x, w := in[0], in[1]
	eachProduct(convWindow(w.Shape, a), x.Shape, y.Shape, func(xi, stride, wi, yi, count int) {
		for i := range count {
			y.Data[yi+i] += x.Data[xi+i*stride] * w.Data[wi]
		}
	})
}

// eachProduct calls f for every row of products x[xi+i·stride]·w[wi], i < count, that a convolution
// of images of shape x adds to y[yi+i].
func eachProduct(win window, x, y ir.Shape, f func(xi, stride, wi, yi, count int)) {
	channels, height, width := x[1], x[2], x[3]
	step := win.stride[1]
	for plane := range y[0] * y[1] {
		n, o := plane/y[1], plane%y[1]
		for wi := range channels * win.kernel[0] * win.kernel[1] {
			kx, ky := wi%win.kernel[1], wi/win.kernel[1]%win.kernel[0]
			c := wi / (win.kernel[0] * win.kernel[1])
			left := kx*win.dilation[1] - win.pad[1] // column of x at column 0 of y
			from := max(0, (step-1-left)/step)
			to := min(y[3], (width-left+step-1)/step)
			for oy := range y[2] {
				iy := oy*win.stride[0] + ky*win.dilation[0] - win.pad[0]
				if iy >= 0 && iy < height && from < to {
					f(((n*channels+c)*height+iy)*width+from*step+left, step,
						o*channels*win.kernel[0]*win.kernel[1]+wi,
						(plane*y[2]+oy)*y[3]+from, to-from)
				}
			}
		}
	}
}

// conv2dFlops counts a multiplication and an addition per product.
func conv2dFlops(y, w ir.Shape) int64 {
	return 2 * int64(y.Elements()) * int64(w[1]*w[2]*w[3])
}

// sampleConv2d draws the shapes and attributes of a convolution.
func sampleConv2d(r *rand.Rand) (x, w, y ir.Shape, a ir.Attrs) {
	kernel, stride, dilation := sizes(r, 2, 3), sizes(r, 2, 3), sizes(r, 2, 2)
	pad := []int{r.IntN(3), r.IntN(3)}
	x, w, y = ir.Shape{size(r, 2), size(r, 3)}, ir.Shape{size(r, 4)}, ir.Shape{}
	w = append(w, x[1], kernel[0], kernel[1])
	y = append(y, x[0], w[0])
	for i := range 2 {
		reach := dilation[i]*(kernel[i]-1) + 1
		x = append(x, max(1, reach-2*pad[i])+r.IntN(4))
		y = append(y, (x[2+i]+2*pad[i]-reach)/stride[i]+1)
	}
	return x, w, y, ir.Attrs{"stride": stride, "pad": pad, "dilation": dilation}
}
