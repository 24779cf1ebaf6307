package goasm

import "github.com/gradc/gradc/compiler/ir"

// field is what a kernel covers of an image, the receptive field: under pixel p of the result,
// element k of the kernel meets the pixel p·stride + first + k·dilation of x.
type field struct {
	channels
	kernel, stride  [2]int
	first, dilation [2]int // negative dilations where the kernel is turned around
}

func fieldOf(x ir.Type, kernel []int, a ir.Attrs) field {
	f := field{channels: channelsOf(x)}
	for i := range 2 {
		f.kernel[i], f.stride[i] = kernel[i], a.Ints("stride")[i]
		f.dilation[i], f.first[i] = a.Ints("dilation")[i], -a.Ints("pad")[i]
	}
	return f
}

// start returns where the first element of the kernel meets x under the first pixel, in floats.
func (f *field) start() int {
	return f.x.base + f.first[0]*f.x.row + f.first[1]*f.x.pixel
}

// move returns how far the next pixel down and right is, in x.
func (f *field) move() (down, right int) {
	return f.stride[0] * f.x.row, f.stride[1] * f.x.pixel
}

// tap returns how far the next element of the kernel down and right is, in x.
func (f *field) tap() (down, right int) {
	return f.dilation[0] * f.x.row, f.dilation[1] * f.x.pixel
}

// weights returns how far the weights of the next row of the kernel and of the next channel are.
func (f *field) weights() (row, channel int) {
	row = f.kernel[1] * Lanes
	return row, row * f.kernel[0]
}

// outside reports whether row or column k of the kernel meets the border of x under pixel p: it
// adds nothing.
func (f *field) outside(axis, p, k int) bool {
	at := p*f.stride[axis] + f.first[axis] + k*f.dilation[axis]
	size := [2]int{f.x.rows, f.x.columns}
	return at < 0 || at >= size[axis]
}

// channels tells where the channels of an image lie.
type channels struct {
	x     plane // of one block of channels, or of one channel
	count int   // 0: any number of whole blocks
	block int   // channels side by side: Lanes, or 1
	step  int   // from a block to the next, in floats
}

func channelsOf(x ir.Type) channels {
	place := x.Place()
	c := channels{planeOf(x), x.Shape[1], 1, place.Stride[1]}
	if place.Block == 1 {
		c.block = Lanes
		if c.count%Lanes == 0 {
			c.count = 0
		}
	}
	return c
}

// whole reports whether all channels are in whole blocks.
func (c *channels) whole() bool { return c.count == 0 }

// few reports whether the channels do not lie in blocks.
func (c *channels) few() bool { return c.block == 1 }

// next returns how far the next channel of a block, or of few channels, is.
func (c *channels) next() int {
	if c.few() {
		return c.step
	}
	return 1
}
