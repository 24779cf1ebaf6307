package cpu

import (
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/target"
	"github.com/gradc/gradc/compiler/winograd"
)

// winogradConv transforms some images' tiles, multiplies them with transformed weights for each
// element of a tile, and transforms the products back, all in the caches.
func winogradConv() target.Kernel {
	return target.Kernel{
		Layouts: func(u target.Use) ([]ir.Layout, ir.Layout) {
			return []ir.Layout{convInput(u.Args[0], u.Attrs), {Order: hwoi16o}},
				ir.Layout{Order: nchw16c}
		},
		Grid: winogradGrid,
		Workspace: func(u target.Use, piece [2]int) int {
			t := winograd.NewTiling(u.Out.Shape[2], u.Out.Shape[3], piece[0])
			c := winograd.NewConv(t, u.Args[0].Shape[1]/lanes, blocksOf(piece[1]))
			return c.Vectors() * vectorBytes
		},
	}
}

// winogradChannels is how many channels of a result a task should have at least: it transforms the
// pixels for itself.
const winogradChannels = winograd.Blocks * lanes

// winogradGrid leaves a task all channels of the result, unless there are few images.
func winogradGrid(u target.Use) target.Grid {
	images := winograd.Images(u.Out.Shape[2], u.Out.Shape[3])
	pieces := costs().FewTasks / max(1, u.Out.Shape[0]/images)
	return target.Grid{Least: [2]int{images, max(winogradChannels, u.Out.Shape[1]/max(1, pieces))}}
}

// winogradForward replaces a convolution where that pays.
func winogradForward(b *ir.Builder, y *ir.Value) *ir.Value {
	x, w := y.Args[0], y.Args[1]
	if !winogradPays(b, y.Type.Shape, x.Type.Shape[1], w.Type.Shape[2:], y.Attrs) {
		return nil
	}
	u := b.Apply(w.Name+".winograd", "winograd_weights", []*ir.Value{w}, ir.Attrs{"turned": false})
	return b.Apply(y.Name, "winograd", []*ir.Value{x, u}, ir.Attrs{"pad": y.Attrs.Ints("pad")})
}

// winogradBackward replaces the gradient with respect to the images where that pays: it is the
// convolution of dy with the kernel flipped, padded by what the kernel reaches beyond the padding of
// the images.
func winogradBackward(b *ir.Builder, dx *ir.Value) *ir.Value {
	dy, w := dx.Args[0], dx.Args[1]
	if !winogradPays(b, dx.Type.Shape, dy.Type.Shape[1], w.Type.Shape[2:], dx.Attrs) {
		return nil
	}
	var pad []int
	for _, p := range dx.Attrs.Ints("pad") {
		pad = append(pad, winograd.Kernel-1-p)
	}
	u := b.Apply(w.Name+".turned", "winograd_weights", []*ir.Value{w}, ir.Attrs{"turned": true})
	return b.Apply(dx.Name, "winograd", []*ir.Value{dy, u}, ir.Attrs{"pad": pad})
}

// winogradPays reports whether a convolution is worth transforming: one that yields y from some
// channels and has the given attributes.
func winogradPays(b *ir.Builder, y ir.Shape, channels int, kernel []int, a ir.Attrs) bool {
	stride, pad, dilation := a.Ints("stride"), a.Ints("pad"), a.Ints("dilation")
	for i := range 2 {
		if kernel[i] != winograd.Kernel || stride[i] != 1 || dilation[i] != 1 ||
			pad[i] >= winograd.Kernel {
			return false
		}
	}
	if b.Graph.Recipe.Direct || channels%lanes != 0 || y[1]%lanes != 0 {
		return false
	}
	c := costs().Winograd
	t := winograd.NewTiling(y[2], y[3], 1)
	products, tiles := float64(channels*y[1]), float64(y[0]*t.Down*t.Across)
	direct := winograd.Kernel * winograd.Kernel * products * float64(y[0]*y[2]*y[3])
	each := c.Product*products + c.Pixel*float64(channels) + c.Result*float64(y[1])
	return winograd.Numbers*(tiles*each+c.Weight*products) < direct
}
