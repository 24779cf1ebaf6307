package goasm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/target"
	"github.com/gradc/gradc/compiler/target/cpu"
)

// use is a random use of a kernel with its arguments drawn and its result known.
type use struct {
	kernel plan.Kernel
	args   []ir.Tensor
	want   ir.Tensor
}

func draw(r *rand.Rand, name string) use {
	row := op.All()[name]
	s := row.Sample(r)
	var args []ir.Tensor
	for _, a := range s.Args {
		t := ir.NewTensor(a.Type.Shape)
		for i := range t.Data {
			t.Data[i] = float64(float32(a.Draw(r)))
		}
		args = append(args, t)
	}
	return useOf(row, s.ArgTypes(), args, s.Attrs)
}

func useOf(row *ir.Op, types []ir.Type, args []ir.Tensor, attrs ir.Attrs) use {
	out, err := row.Shape(types, attrs)
	if err != nil {
		panic(err)
	}
	layouts, layout := cpu.New().Layouts(row, target.Use{Args: types, Out: out, Attrs: attrs})
	k := plan.Kernel{Op: row, Attrs: attrs, Out: plan.Operand{Type: out.With(layout)}}
	for i, t := range types {
		k.Args = append(k.Args, plan.Operand{Type: t.With(layouts[i])})
	}
	want := ir.NewTensor(out.Shape)
	row.Ref(want, args, attrs)
	return use{k, args, want}
}

// laid returns t as it lies in memory: zeros in the border, poison in the padding lanes.
func laid(t ir.Tensor, as ir.Type) []float32 {
	place := as.Place()
	data := make([]float32, place.Size)
	if place.Block >= 0 {
		for i := range data {
			data[i] = float32(math.NaN())
		}
		full := as
		full.Shape = append(ir.Shape(nil), as.Shape...)
		each(full.Shape, func(_ int, c []int) { data[place.Offset(c...)] = 0 })
		halo(as, func(at int) { data[at] = 0 })
	}
	each(t.Shape, func(i int, c []int) { data[place.Offset(c...)] = float32(t.Data[i]) })
	return data
}

// halo calls f for the offsets of the border's elements.
func halo(t ir.Type, f func(at int)) {
	place, h := t.Place(), t.Layout.Halo
	big := ir.Shape{t.Shape[0], t.Shape[1], t.Shape[2] + 2*h[0], t.Shape[3] + 2*h[1]}
	each(big, func(_ int, c []int) {
		f(place.Offset(c[0], c[1], c[2]-h[0], c[3]-h[1]))
	})
}

func each(s ir.Shape, f func(i int, coord []int)) {
	coord := make([]int, len(s))
	for i := range s.Elements() {
		for k, rest := len(s)-1, i; k >= 0; k-- {
			coord[k], rest = rest%s[k], rest/s[k]
		}
		f(i, coord)
	}
}

// images cuts a tensor's memory by its outermost stored axis.
func images(data []float32, n int) [][]float32 {
	size := len(data) / n
	parts := make([][]float32, n)
	for i := range parts {
		parts[i] = data[i*size : (i+1)*size]
	}
	return parts
}

func TestConvolutions(t *testing.T) {
	h := newHarness(t)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 40 {
		h.convolution(fmt.Sprintf("conv%d", i), r, draw(r, []string{"conv2d", "conv2d_dx"}[i%2]))
	}
	for i, g := range append(squares(), strided()...) {
		h.convolution(fmt.Sprintf("fixed%d", i), r, g.use(r, "conv2d"))
		h.convolution(fmt.Sprintf("fixeddx%d", i), r, g.use(r, "conv2d_dx"))
	}
	h.run()
}

// TestConvolutionFits wants no function where dy has too narrow a border.
func TestConvolutionFits(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, g := range strided() {
		k := g.use(r, "conv2d_dx").kernel
		border := &k.Args[0].Type.Layout.Halo
		for axis := range border {
			for *border != [2]int{} && border[axis] > 0 {
				border[axis]--
				if _, ok := convOf(&k, k.Out.Type); ok {
					t.Errorf("%v: a border of %v is enough", g, *border)
				}
			}
		}
	}
}

// geometry is of a convolution; its pairs are of rows and of columns.
type geometry struct {
	in, out                             int
	size, kernel, stride, pad, dilation [2]int
}

// squares are convolutions of square images with square kernels, without stride.
func squares() []geometry {
	var list []geometry
	for _, s := range []struct{ in, size, out, kernel, pad int }{
		{1, 28, 32, 3, 0}, {3, 32, 32, 3, 1}, {64, 24, 48, 3, 0}, {35, 7, 20, 3, 1},
		{16, 1, 16, 1, 0}, {32, 22, 17, 5, 2}, {8, 13, 16, 7, 3}, {17, 12, 17, 5, 2},
		{150, 6, 180, 1, 0},
	} {
		one := [2]int{1, 1}
		list = append(list, geometry{s.in, s.out, [2]int{s.size, s.size},
			[2]int{s.kernel, s.kernel}, one, [2]int{s.pad, s.pad}, one})
	}
	return list
}

// strided are convolutions whose strides, dilations or paddings are out of the ordinary.
func strided() []geometry {
	pair := func(rows, columns int) [2]int { return [2]int{rows, columns} }
	one := pair(1, 1)
	return []geometry{
		{16, 16, pair(9, 9), pair(3, 3), pair(2, 2), one, one},
		{16, 16, pair(8, 10), pair(3, 3), pair(2, 2), one, one},
		{20, 35, pair(12, 7), pair(3, 3), pair(2, 2), one, one},
		{40, 17, pair(11, 13), pair(5, 5), pair(3, 3), pair(2, 2), one},
		{3, 32, pair(14, 13), pair(7, 7), pair(2, 2), pair(3, 3), one},
		{32, 16, pair(8, 7), one, pair(2, 2), pair(0, 0), one},
		{16, 150, pair(5, 9), one, pair(2, 2), pair(0, 0), one},
		{33, 90, pair(5, 8), pair(2, 1), pair(3, 2), one, one},
		{16, 16, pair(10, 9), pair(3, 2), pair(2, 3), pair(1, 0), one},
		{16, 16, pair(15, 16), pair(3, 3), pair(2, 2), pair(2, 2), pair(2, 2)},
		{16, 16, pair(20, 17), pair(3, 3), pair(4, 6), pair(1, 3), pair(2, 4)},
		{16, 16, pair(17, 15), pair(3, 2), pair(3, 2), pair(3, 4), pair(2, 3)},
		{16, 16, pair(5, 70), pair(3, 3), pair(2, 2), one, one},
		{35, 20, pair(12, 90), pair(5, 5), pair(2, 2), pair(2, 2), one},
		{16, 16, pair(4, 5), pair(2, 2), pair(3, 3), pair(0, 0), one},
		{16, 16, pair(2, 1), one, pair(3, 3), pair(0, 0), one},
		{16, 16, pair(6, 5), pair(1, 3), one, pair(2, 3), one},
		{16, 16, pair(6, 5), pair(1, 3), pair(2, 1), pair(5, 4), one},
	}
}

// use returns a use of conv2d, conv2d_dx or conv2d_dw with random arguments.
func (g geometry) use(r *rand.Rand, name string) use {
	random := func(dims ...int) ir.Tensor {
		t := ir.NewTensor(dims)
		for i := range t.Data {
			t.Data[i] = float64(float32(r.NormFloat64()))
		}
		return t
	}
	x := random(2, g.in, g.size[0], g.size[1])
	w := random(g.out, g.in, g.kernel[0], g.kernel[1])
	attrs := ir.Attrs{"stride": g.stride[:], "pad": g.pad[:], "dilation": g.dilation[:]}
	y, err := op.All()["conv2d"].Shape(
		[]ir.Type{ir.Float32(x.Shape...), ir.Float32(w.Shape...)}, attrs)
	if err != nil {
		panic(err)
	}
	args := []ir.Tensor{x, w}
	switch name {
	case "conv2d_dx":
		args = []ir.Tensor{random(y.Shape...), w}
		attrs["size"] = g.size[:]
	case "conv2d_dw":
		args = []ir.Tensor{x, random(y.Shape...)}
		attrs["kernel"] = g.kernel[:]
	}
	types := []ir.Type{ir.Float32(args[0].Shape...), ir.Float32(args[1].Shape...)}
	return useOf(op.All()[name], types, args, attrs)
}

// convolution adds the calls for every image and block of output channels, with some border around
// the result.
func (h *harness) convolution(name string, r *rand.Rand, u use) {
	h.Helper()
	u.kernel.Out.Type.Layout.Halo = [2]int{r.IntN(3), r.IntN(3)}
	c, ok := convOf(&u.kernel, u.kernel.Out.Type)
	if !ok {
		h.Errorf("%s: no function for %v", name, u.kernel)
		return
	}
	h.kernel(name, "y, x, w []float32", c.emit)
	y := u.kernel.Out.Type
	n, blocks := y.Shape[0], plan.Blocks(y, 1)
	xs := images(laid(u.args[0], u.kernel.Args[0].Type), n)
	ws := images(laid(u.args[1], u.kernel.Args[1].Type), blocks)
	place := y.Place()
	for image := range n {
		for block := range blocks {
			offsets, want := u.planeWanted(image, block)
			h.call(name, poison(place.Stride[1]), xs[image], ws[block], nil, offsets, want)
		}
	}
}

// planeWanted returns the result of a use for an image and a block of channels, with the zeros of
// the border: offsets in the plane, and what must be there.
func (u use) planeWanted(image, block int) (offsets []int, want []float64) {
	y := u.kernel.Out.Type
	place := y.Place()
	inside := map[int]bool{}
	each(y.Shape, func(i int, k []int) {
		if k[0] == image && k[1]/Lanes == block {
			at := place.Offset(k...) - image*place.Stride[0] - block*place.Stride[1]
			offsets, want = append(offsets, at), append(want, u.want.Data[i])
			inside[at/Lanes] = true
		}
	})
	for at := range place.Stride[1] {
		if !inside[at/Lanes] {
			offsets, want = append(offsets, at), append(want, 0)
		}
	}
	return offsets, want
}

func TestCorrelations(t *testing.T) {
	h := newHarness(t)
	r := rand.New(rand.NewPCG(3, 4))
	for i := range 40 {
		h.correlation(fmt.Sprintf("dw%d", i), draw(r, "conv2d_dw"))
	}
	for i, g := range append(squares(), strided()...) {
		h.correlation(fmt.Sprintf("fixed%d", i), g.use(r, "conv2d_dw"))
	}
	h.run()
}

// correlation adds calls for every block of output channels, of all input channels and of halves.
func (h *harness) correlation(name string, u use) {
	c := correlationOf(&u.kernel)
	h.kernel(name, "dw, x, dy []float32, from, to, images int", c.emit)
	x, dy, dw := u.kernel.Args[0].Type, u.kernel.Args[1].Type, u.kernel.Out.Type
	xs, dys := laid(u.args[0], x), laid(u.args[1], dy)
	place := dw.Place()
	half := 0 // where the channels can be cut in two
	if channels := x.Shape[1]; channels%(2*Lanes) == 0 {
		half = channels / 2
	}
	for block := range plan.Blocks(dw, 0) {
		for _, ends := range [][2]int{{0, half}, {half, x.Shape[1]}} {
			if ends[0] == ends[1] {
				continue
			}
			start := block*place.Stride[0] + ends[0]*place.Stride[1]
			var offsets []int
			var want []float64
			each(dw.Shape, func(i int, k []int) {
				if k[0]/Lanes == block && ends[0] <= k[1] && k[1] < ends[1] {
					offsets = append(offsets, place.Offset(k...)-start)
					want = append(want, u.want.Data[i])
				}
			})
			h.call(name, make([]float32, (ends[1]-ends[0])*place.Stride[1]), xs,
				dys[block*dy.Place().Stride[1]:], []int{ends[0], ends[1], x.Shape[0]}, offsets, want)
		}
	}
}

func poison(n int) []float32 {
	data := make([]float32, n)
	for i := range data {
		data[i] = float32(math.NaN())
	}
	return data
}
