package goasm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/plan"
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
	var types []ir.Type
	var args []ir.Tensor
	for _, a := range s.Args {
		t := ir.NewTensor(a.Type.Shape)
		for i := range t.Data {
			t.Data[i] = float64(float32(a.Draw(r)))
		}
		types, args = append(types, a.Type), append(args, t)
	}
	return useOf(row, types, args, s.Attrs)
}

func useOf(row *ir.Op, types []ir.Type, args []ir.Tensor, attrs ir.Attrs) use {
	out, err := row.Shape(types, attrs)
	if err != nil {
		panic(err)
	}
	layouts, layout := row.Layouts(ir.CPU, types, out, attrs)
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
		u := draw(r, []string{"conv2d", "conv2d_dx"}[i%2])
		u.kernel.Out.Type.Layout.Halo = [2]int{r.IntN(3), r.IntN(3)}
		c, ok := convOf(&u.kernel, u.kernel.Out.Type)
		if !ok {
			continue
		}
		h.convolution(fmt.Sprintf("conv%d", i), u, c)
	}
	for i, shape := range []struct{ channels, size, out, kernel, pad int }{
		{1, 28, 32, 3, 0}, {3, 32, 32, 3, 1}, {64, 24, 48, 3, 0}, {35, 7, 20, 3, 1}, {16, 1, 16, 1, 0},
		{32, 22, 17, 5, 2}, {8, 13, 16, 7, 3},
	} {
		u := fixed(r, shape.channels, shape.size, shape.out, shape.kernel, shape.pad)
		c, _ := convOf(&u.kernel, u.kernel.Out.Type)
		h.convolution(fmt.Sprintf("fixed%d", i), u, c)
	}
	h.run()
}

func fixed(r *rand.Rand, channels, size, out, kernel, pad int) use {
	random := func(dims ...int) ir.Tensor {
		t := ir.NewTensor(dims)
		for i := range t.Data {
			t.Data[i] = float64(float32(r.NormFloat64()))
		}
		return t
	}
	x, w := random(2, channels, size, size), random(out, channels, kernel, kernel)
	return useOf(op.All()["conv2d"],
		[]ir.Type{ir.Float32(x.Shape...), ir.Float32(w.Shape...)}, []ir.Tensor{x, w},
		ir.Attrs{"stride": []int{1, 1}, "pad": []int{pad, pad}, "dilation": []int{1, 1}})
}

// convolution adds the calls for every image and block of output channels.
func (h *harness) convolution(name string, u use, c conv) {
	h.emit(name, "a[0], a[1], a[2]", c.emit)
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
		if k[0] == image && k[1]/ir.Lanes == block {
			at := place.Offset(k...) - image*place.Stride[0] - block*place.Stride[1]
			offsets, want = append(offsets, at), append(want, u.want.Data[i])
			inside[at/ir.Lanes] = true
		}
	})
	for at := range place.Stride[1] {
		if !inside[at/ir.Lanes] {
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
	for i, shape := range []struct{ channels, size, out, kernel, pad int }{
		{1, 28, 32, 3, 0}, {3, 32, 32, 3, 1}, {64, 24, 16, 3, 0}, {35, 7, 20, 3, 1}, {16, 1, 16, 1, 0},
		{17, 12, 17, 5, 2}, {8, 13, 16, 7, 3},
	} {
		u := fixed(r, shape.channels, shape.size, shape.out, shape.kernel, shape.pad)
		attrs := ir.Attrs{"kernel": []int{shape.kernel, shape.kernel}}
		for name, v := range u.kernel.Attrs {
			attrs[name] = v
		}
		dy := u.want
		for i := range dy.Data {
			dy.Data[i] = float64(float32(dy.Data[i]))
		}
		h.correlation(fmt.Sprintf("fixed%d", i), useOf(op.All()["conv2d_dw"],
			[]ir.Type{ir.Float32(u.args[0].Shape...), ir.Float32(dy.Shape...)},
			[]ir.Tensor{u.args[0], dy}, attrs))
	}
	h.run()
}

// correlation adds calls for every block of output channels, of all input channels and of halves.
func (h *harness) correlation(name string, u use) {
	c := correlationOf(&u.kernel)
	h.emit(name, "a[0], a[1], a[2], n[0], n[1], n[2]", c.emit)
	x, dy, dw := u.kernel.Args[0].Type, u.kernel.Args[1].Type, u.kernel.Out.Type
	xs, dys := laid(u.args[0], x), laid(u.args[1], dy)
	place := dw.Place()
	half := 0 // where the channels can be cut in two
	if channels := x.Shape[1]; channels%(2*ir.Lanes) == 0 {
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
				if k[0]/ir.Lanes == block && ends[0] <= k[1] && k[1] < ends[1] {
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
