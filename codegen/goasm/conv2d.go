package goasm

import (
	"github.com/mmcloughlin/avo/reg"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// conv is a direct convolution of one image with the weights of one block of output channels:
//
//	y[p][lane] = Σ_c,tap x[p·stride + tap][c]·w[c][tap][lane]
//
// Both conv2d and, with the kernel turned around, conv2d_dx with stride 1 are of this form.
// All distances are in floats.
type conv struct {
	y        plane    // its border is set to zeros
	x        plane    // of one block of channels, or of one channel
	channels int      // folded
	block    int      // channels side by side in x: ir.Lanes, or 1
	step     int      // from a block of x to the next
	stride   [2]int   // of the window
	taps     [][2]int // offsets into x and w
	weights  int      // from a channel of w to the next
}

// convOf reads a convolution off a kernel whose result lies as y. It reports false where the form
// above does not hold: dx with a stride, or with more padding than the kernel reaches.
func convOf(k *plan.Kernel, y ir.Type) (conv, bool) {
	x, w := k.Args[0].Type, k.Args[1].Type
	stride, pad, dilation := k.Attrs.Ints("stride"), k.Attrs.Ints("pad"), k.Attrs.Ints("dilation")
	place, kernel := x.Place(), w.Shape[2:]
	c := conv{
		y: planeOf(y), x: planeOf(x),
		channels: x.Shape[1], block: 1, step: place.Stride[1],
		stride: [2]int{stride[0], stride[1]}, weights: kernel[0] * kernel[1] * ir.Lanes,
	}
	if place.Block == 1 {
		c.block = ir.Lanes
	}
	turned := w.Layout.Order == ir.IOHW16i
	for i := range kernel[0] {
		for j := range kernel[1] {
			row, column := i*dilation[0]-pad[0], j*dilation[1]-pad[1]
			if turned {
				row, column = -row, -column
			}
			c.taps = append(c.taps, [2]int{
				row*c.x.row + column*c.x.pixel, (i*kernel[1] + j) * ir.Lanes})
		}
	}
	if !turned {
		return c, true
	}
	reach := [2]int{dilation[0]*(kernel[0]-1) - pad[0], dilation[1]*(kernel[1]-1) - pad[1]}
	return c, c.stride == [2]int{1, 1} && reach[0] >= 0 && reach[1] >= 0
}

// convolve emits func name(y, x, w []float32). Pixels of a row are computed in tiles that fill the
// registers; a block of x's channels passes over the whole plane before the next, so that its
// weights stay near.
func (a *assembler) convolve(name string, c conv) {
	a.Function(name)
	a.SignatureExpr("func(y, x, w []float32)")
	y, x, w := a.pointer("y"), a.pointer("x"), a.pointer("w")
	a.clearBorder(c.y, y)
	full, rest := c.channels/c.block, c.channels%c.block
	first := true
	pass := func(channels int) {
		a.overPlane(c, y, x, w, channels, first)
		first = false
		a.advance(x, c.step)
		a.advance(w, channels*c.weights)
	}
	if c.block == 1 { // few channels: one pass folds them all
		a.overPlane(c, y, x, w, c.channels, true)
		a.done()
		return
	}
	if full > 0 {
		pass(c.block)
	}
	if full > 1 {
		a.repeat("block", full-1, func() { pass(c.block) })
	}
	if rest > 0 {
		pass(rest)
	}
	a.done()
}

// overPlane adds the products of some channels to every pixel; first, it sets them.
func (a *assembler) overPlane(c conv, y, x, w reg.GPVirtual, channels int, first bool) {
	yRow, xRow := a.copyOf(y), a.copyOf(x)
	a.advance(yRow, c.y.base)
	a.advance(xRow, c.x.base)
	a.repeat("row", c.y.rows, func() {
		yTile, xTile := a.copyOf(yRow), a.copyOf(xRow)
		for _, run := range tiles(c.y.columns, a.tile()) {
			a.repeat("tile", run.count, func() {
				a.tileOf(c, yTile, xTile, w, run.pixels, channels, first)
				a.advance(yTile, run.pixels*c.y.pixel)
				a.advance(xTile, run.pixels*c.x.pixel*c.stride[1])
			})
		}
		a.advance(yRow, c.y.row)
		a.advance(xRow, c.x.row*c.stride[0])
	})
}

// tile returns the number of pixels whose accumulators fill the registers, with room for the
// weights of one tap and one pixel.
func (a *assembler) tile() int { return (a.registers - a.parts() - 1) / a.parts() }

// tileOf computes a tile of pixels of one row.
func (a *assembler) tileOf(
	c conv, y, x, w reg.GPVirtual, pixels, channels int, first bool,
) {
	parts := a.parts()
	sums := a.vectors(pixels * parts)
	for i, sum := range sums {
		if first {
			a.zero(sum)
		} else {
			a.VMOVUPS(at(y, i/parts*c.y.pixel+i%parts*a.lanes), sum)
		}
	}
	xc, wc := a.copyOf(x), a.copyOf(w)
	next := 1 // from a channel of x to the next
	if c.block == 1 {
		next = c.step
	}
	a.repeat("channel", channels, func() {
		for _, tap := range c.taps {
			weights := a.vectors(parts)
			for i, v := range weights {
				a.VMOVUPS(at(wc, tap[1]+i*a.lanes), v)
			}
			for p := range pixels {
				pixel := a.vector()
				a.VBROADCASTSS(at(xc, tap[0]+p*c.stride[1]*c.x.pixel), pixel)
				for i, v := range weights {
					a.VFMADD231PS(v, pixel, sums[p*parts+i])
				}
			}
		}
		a.advance(xc, next)
		a.advance(wc, c.weights)
	})
	for i, sum := range sums {
		a.VMOVUPS(sum, at(y, i/parts*c.y.pixel+i%parts*a.lanes))
	}
}

// run is a number of tiles of equal width.
type run struct{ count, pixels int }

// tiles cuts a row into tiles of at most limit pixels, as even as they go: narrow tiles leave the
// multipliers waiting for each other.
func tiles(columns, limit int) []run {
	n := (columns + limit - 1) / limit
	wide, narrow := columns%n, columns/n
	var runs []run
	if wide > 0 {
		runs = append(runs, run{wide, narrow + 1})
	}
	return append(runs, run{n - wide, narrow})
}
