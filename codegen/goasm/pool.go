package goasm

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// pool is a window that slides over a plane of one block of channels. Windows are cut off where
// they reach over the plane's edge.
type pool struct {
	kernel, stride, pad [2]int
	size                [2]int // of the plane that windows lie on
	windows             [2]int
}

// poolOf reads the geometry off a kernel whose windows lie on image, one for each pixel of result.
func poolOf(k *plan.Kernel, image, result ir.Type) pool {
	var p pool
	for i := range 2 {
		p.kernel[i], p.stride[i] = k.Attrs.Ints("kernel")[i], k.Attrs.Ints("stride")[i]
		p.pad[i], p.size[i] = k.Attrs.Ints("pad")[i], image.Shape[2+i]
		p.windows[i] = result.Shape[2+i]
	}
	return p
}

// span is a run of windows along an axis that cover equally many pixels, the next ones a stride
// apart.
type span struct {
	window, pixel int // the first window, and the first pixel under it
	windows       int
	pixels        int // under each window
}

func (p *pool) spans(axis int) []span {
	var spans []span
	for w := range p.windows[axis] {
		start := w*p.stride[axis] - p.pad[axis]
		from, to := max(0, start), min(p.size[axis], start+p.kernel[axis])
		if n := len(spans); n > 0 {
			last := &spans[n-1]
			if last.pixels == to-from && from == last.pixel+last.windows*p.stride[axis] {
				last.windows++
				continue
			}
		}
		spans = append(spans, span{w, from, 1, to - from})
	}
	return spans
}

// apart reports whether no two windows share a pixel.
func (p *pool) apart() bool {
	return p.kernel[0] <= p.stride[0] && p.kernel[1] <= p.stride[1]
}

// cover reports whether every pixel lies under a window.
func (p *pool) cover() bool {
	for i := range 2 {
		spans := p.spans(i)
		last := spans[len(spans)-1]
		end := last.pixel + (last.windows-1)*p.stride[i] + last.pixels
		if p.stride[i] > p.kernel[i] || end < p.size[i] {
			return false
		}
	}
	return true
}

// cursor is a place in a plane that moves along with the windows: it is at a window's first pixel,
// or, in a plane that has one pixel for each window, at this pixel.
type cursor struct {
	plane
	at        reg.GPVirtual
	perWindow bool
}

// start returns how far a span's first window is from the plane's start, in floats.
func (c cursor) start(s span, pixel int) int {
	if c.perWindow {
		return s.window * pixel
	}
	return s.pixel * pixel
}

// step returns how far the next window is, in floats.
func (c cursor) step(stride, pixel int) int {
	if c.perWindow {
		return pixel
	}
	return stride * pixel
}

// copies returns cursors of their own at the same places.
func (a *assembler) copies(list []cursor) []cursor {
	own := make([]cursor, len(list))
	for i, c := range list {
		own[i] = c
		own[i].at = a.copyOf(c.at)
	}
	return own
}

// eachWindow emits loops over the windows, with body for a window w of some rows and columns.
func (a *assembler) eachWindow(p pool, planes []cursor, body func(size [2]int, w []cursor)) {
	for _, rows := range p.spans(0) {
		row := a.copies(planes)
		for _, c := range row {
			a.advance(c.at, c.base+c.start(rows, c.row))
		}
		a.repeat("row", rows.windows, func() {
			for _, columns := range p.spans(1) {
				w := a.copies(row)
				for _, c := range w {
					a.advance(c.at, c.start(columns, c.pixel))
				}
				a.phase("windows of %dx%d pixels", rows.pixels, columns.pixels)
				a.repeat("window", columns.windows, func() {
					body([2]int{rows.pixels, columns.pixels}, w)
					for _, c := range w {
						a.advance(c.at, c.step(p.stride[1], c.pixel))
					}
				})
			}
			for _, c := range row {
				a.advance(c.at, c.step(p.stride[0], c.row))
			}
		})
	}
}

// unrolled is the number of pixels up to which a window is no loop.
const unrolled = 9

// eachPixel emits body for the addresses of the pixels under a window in row-major order.
func (a *assembler) eachPixel(size [2]int, w cursor, body func(pixel operand.Mem)) {
	if size[0]*size[1] <= unrolled {
		for i := range size[0] * size[1] {
			body(at(w.at, i/size[1]*w.row+i%size[1]*w.pixel))
		}
		return
	}
	down := a.copyOf(w.at)
	a.repeat("down", size[0], func() {
		right := a.copyOf(down)
		a.repeat("right", size[1], func() {
			body(at(right, 0))
			a.advance(right, w.pixel)
		})
		a.advance(down, w.row)
	})
}

// part returns the address of a part of the lanes at m.
func (a *assembler) part(m operand.Mem, part int) operand.Mem {
	m.Disp += part * a.lanes * floatBytes
	return m
}

// same returns a vector of equal 32-bit words.
func (a *assembler) same(bits uint32) reg.VecVirtual {
	word, low, v := a.GP32(), a.XMM(), a.vector()
	a.MOVL(operand.U32(bits), word)
	a.VMOVD(word, low)
	a.VBROADCASTSS(low, v)
	return v
}

// constant returns a vector of equal floats.
func (a *assembler) constant(v float32) reg.VecVirtual { return a.same(math.Float32bits(v)) }
