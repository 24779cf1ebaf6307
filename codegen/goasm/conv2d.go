package goasm

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// conv is a direct convolution of one image with the weights of one block of output channels:
//
//	y[p][lane] = Σ_c,k x[p·stride + first + k·dilation][c]·w[c][k][lane]
//
// or, turned around, the gradient that such a convolution has for its image. That one is made of
// convolutions that each yield some of its pixels; see phases.
type conv struct {
	field
	y      plane // its border is set to zeros
	taps   taps
	turned bool
}

// taps are those of a kernel's weights that a convolution uses: from a row and column on, every
// so many.
type taps struct{ of, from, every [2]int }

// weights returns how far the weights of the next row of the kernel and of the next channel are.
func (t *taps) weights() (row, channel int) {
	row = t.of[1] * Lanes
	return t.every[0] * row, t.of[0] * row
}

// start returns where the first of the weights is.
func (t *taps) start() int { return (t.from[0]*t.of[1] + t.from[1]) * Lanes }

// convOf reads a convolution off a kernel whose result lies as y. It reports false where it reaches
// beyond the border of x.
func convOf(k *plan.Kernel, y ir.Type) (conv, bool) {
	x, w := k.Args[0].Type, k.Args[1].Type
	c := conv{field: fieldOf(x, w.Shape[2:], k.Attrs), y: planeOf(y),
		turned: w.Layout.Order == IOHW16i}
	if !c.few() {
		c.count = 0 // as many as there are weights
	}
	c.taps = taps{of: c.kernel, every: [2]int{1, 1}}
	for _, p := range c.phases() {
		if !p.fits() {
			return c, false
		}
	}
	return c, true
}

func conv2dTwin(s *plan.Step, out ir.Type) function {
	if c, ok := convOf(s.Kernel, out); ok {
		return c
	}
	return nil
}

// emit emits func name(y, x, w []float32). Pixels of a row are computed in tiles that fill the
// registers; some of x's channels pass over the whole plane before the next, so that their weights
// stay in the cache.
func (c conv) emit(a *assembler) {
	y := a.pointer("y")
	if c.few() { // one pass folds them all
		a.clearBorder(c.y, y)
		a.overPlane(c, y, a.pointer("x"), a.pointer("w"), nil)
		a.done()
		return
	}
	zero := a.vector()
	a.zero(zero)
	a.clear(zero, a.copyOf(y), c.y.size)
	for _, p := range c.phases() {
		a.passes(p, y, a.pointer("x"), a.pointer("w"))
	}
	a.done()
}

// cacheTaps is of how many taps a block of channels has its weights in the first-level cache, with
// room for pixels. Of kernels with fewer taps, several blocks pass at once.
const cacheTaps = 9

// passes adds the products of all channels, some blocks at a time.
func (a *assembler) passes(c conv, y, x, w reg.GPVirtual) {
	blocks := max(1, cacheTaps/(c.kernel[0]*c.kernel[1]))
	_, weights := c.taps.weights()
	size := blocks * c.block * weights
	left, pass := a.AllocLocal(8), a.AllocLocal(8)
	length := a.GP64()
	a.Load(a.Param("w").Len(), length)
	a.MOVQ(length, left)
	a.whilePositive("pass", left, size, func() {
		a.MOVQ(a.least(left, size), pass)
		a.overPlane(c, y, x, w, pass)
		a.advance(x, blocks*c.step)
		a.advance(w, size)
	})
}

// down is a loop over the rows of the kernel that meet no border: how many, and how far the next
// channel is behind them.
type down struct{ rows, x, w reg.GPVirtual }

// overPlane adds the products of the channels that a number of weights is for to every pixel; few
// channels have no such number. Like all below, it leaves the pointers where they were.
func (a *assembler) overPlane(c conv, y, x, w reg.GPVirtual, channels operand.Op) {
	xRow, xPixel := c.move()
	xDown, _ := c.tap()
	wDown, _ := c.taps.weights()
	a.advance(y, c.y.base)
	a.advance(x, c.start())
	a.advance(w, c.taps.start())
	spans, skipped := c.spans(), 0
	rows, d := a.AllocLocal(8), down{a.GP64(), a.GP64(), a.GP64()}
	a.eachCase("rows", len(spans), func(i int) {
		s := spans[i]
		a.MOVQ(operand.I32(s.rows), rows)
		a.set(d.rows, s.to-s.from)
		a.set(d.x, (c.next()-(s.to-s.from)*xDown)*floatBytes)
		a.set(d.w, c.behind(s.to-s.from)*floatBytes)
		a.advance(x, (s.from-skipped)*xDown)
		a.advance(w, (s.from-skipped)*wDown)
		skipped = s.from
	}, func() {
		a.repeatTimes("row", rows, func() {
			for _, run := range c.tiles(a.tile()) {
				a.repeat("tile", run.count, func() {
					a.tileOf(c, y, x, w, d, run, channels)
					a.advance(y, run.pixels*c.y.pixel)
					a.advance(x, run.pixels*xPixel)
				})
			}
			a.advance(y, c.y.row-c.y.columns*c.y.pixel)
			a.advance(x, xRow-c.y.columns*xPixel)
		})
	})
	a.advance(y, -c.y.base-c.y.rows*c.y.row)
	a.advance(x, -c.start()-c.y.rows*xRow-skipped*xDown)
	a.advance(w, -c.taps.start()-skipped*wDown)
}

// behind returns how far the next channel's weights are behind some rows of the kernel.
func (c *conv) behind(rows int) int {
	row, channel := c.taps.weights()
	return channel - rows*row
}

// rowSpan is a number of rows of y under which the same rows of the kernel meet no border.
type rowSpan struct{ rows, from, to int }

func (c *conv) spans() []rowSpan {
	var spans []rowSpan
	for row := range c.y.rows {
		from, to := 0, c.kernel[0]
		for from < to-1 && c.outside(0, row, from) {
			from++
		}
		for to > from+1 && c.outside(0, row, to-1) {
			to--
		}
		if n := len(spans); n > 0 && spans[n-1].from == from && spans[n-1].to == to {
			spans[n-1].rows++
			continue
		}
		spans = append(spans, rowSpan{1, from, to})
	}
	return spans
}

// tile returns the number of pixels whose accumulators fill the registers, with room for the
// weights of one tap and one pixel.
func (a *assembler) tile() int { return (a.registers - a.parts() - 1) / a.parts() }

// tileOf adds the products of some channels to a tile of pixels of one row; where these are all the
// channels there are, it sets them.
func (a *assembler) tileOf(
	c conv, y, x, w reg.GPVirtual, d down, run run, channels operand.Op,
) {
	parts := a.parts()
	sums := a.named("sums", run.pixels*parts)
	a.phase("sums of %d pixels", run.pixels)
	for i, sum := range sums {
		if c.few() {
			a.zero(sum)
		} else {
			a.VMOVUPS(at(y, i/parts*c.y.pixel+i%parts*a.lanes), sum)
		}
	}
	x, w = a.copyOf(x), a.copyOf(w)
	a.eachChannel(c, x, run, channels, func() { a.column(c, x, w, d, run, sums) })
	for i, sum := range sums {
		a.VMOVUPS(sum, at(y, i/parts*c.y.pixel+i%parts*a.lanes))
	}
}

// eachChannel emits loops over channels, with a body that moves x and the weights to the next
// channel of a block.
func (a *assembler) eachChannel(
	c conv, x reg.GPVirtual, run run, channels operand.Op, body func(),
) {
	if c.few() {
		a.repeat("channel", c.count, body)
		return
	}
	_, weights := c.taps.weights()
	left := a.GP64()
	a.MOVQ(channels, left)
	a.whilePositive("block", left, c.block*weights, func() {
		next := a.below(c, x, run)
		a.whilePositive("channel", a.least(left, c.block*weights), weights, func() {
			next.fetch()
			body()
		})
		a.advance(x, c.step-c.block*c.next())
	})
}

// below is what of x the tile in the next row meets that this one does not.
type below struct {
	a     *assembler
	c     conv
	p     reg.GPVirtual
	lines int // to fetch for each channel
	line  int // from one to the next
}

func (a *assembler) below(c conv, x reg.GPVirtual, run run) below {
	xRow, xPixel := c.move()
	xDown, _ := c.tap()
	b := below{a, c, a.copyOf(x), ir.Ceil(run.pixels, c.block), xPixel}
	if c.kernel[1] > 1 {
		b.lines, b.line = ir.Ceil(run.pixels*c.stride[1], c.block), c.x.pixel
	}
	a.advance(b.p, xRow+max(0, (c.kernel[0]-1)*xDown))
	return b
}

// fetch fetches some lines into the first-level cache.
func (b below) fetch() {
	for row := range min(b.c.stride[0], b.c.kernel[0]) {
		for i := range b.lines {
			b.a.PREFETCHT0(at(b.p, i*b.line-row*b.c.x.row))
		}
	}
	b.a.advance(b.p, b.lines*b.line)
}

// column adds the products of one channel and moves x and w to the next.
func (a *assembler) column(c conv, x, w reg.GPVirtual, d down, run run, sums []reg.VecVirtual) {
	row := func() {
		for right := range c.kernel[1] {
			a.tap(c, x, w, run, right, sums)
		}
	}
	if c.kernel[0] == 1 {
		row()
		a.advance(x, c.next())
		a.advance(w, c.behind(0))
		return
	}
	xDown, _ := c.tap()
	wDown, _ := c.taps.weights()
	a.repeatTimes("down", a.copyOf(d.rows), func() {
		row()
		a.advance(x, xDown)
		a.advance(w, wDown)
	})
	a.ADDQ(d.x, x)
	a.ADDQ(d.w, w)
}

// tap adds the products of one channel with the weights of one tap.
func (a *assembler) tap(c conv, x, w reg.GPVirtual, run run, right int, sums []reg.VecVirtual) {
	_, xPixel := c.move()
	_, xRight := c.tap()
	var weights []reg.VecVirtual
	for p := range run.pixels {
		if run.count == 1 && c.outside(1, run.first+p, right) {
			continue
		}
		if weights == nil {
			weights = a.load(w, right*c.taps.every[1]*Lanes)
		}
		a.addProducts(sums[p*a.parts():][:a.parts()], weights, at(x, right*xRight+p*xPixel))
	}
}

// load returns the lanes of a block, in registers.
func (a *assembler) load(from reg.GPVirtual, offset int) []reg.VecVirtual {
	lanes := a.named("16 channels", a.parts())
	for i, v := range lanes {
		a.VMOVUPS(at(from, offset+i*a.lanes), v)
	}
	return lanes
}

// addProducts adds the products of the lanes of a block with one number.
func (a *assembler) addProducts(sums, lanes []reg.VecVirtual, number operand.Mem) {
	if len(sums) == 1 {
		a.VFMADD231PS_BCST(number, lanes[0], sums[0])
		return
	}
	factor := a.named("factor of all", 1)[0]
	a.VBROADCASTSS(number, factor)
	for i, v := range lanes {
		a.VFMADD231PS(v, factor, sums[i])
	}
}

// run is a number of tiles of equal width, the first of them at some column.
type run struct{ count, pixels, first int }

// alone is the number of tiles in a row up to which each has code of its own, that leaves out what
// meets the border.
const alone = 3

// tiles cuts a row into tiles of at most limit pixels, as even as they go: narrow tiles leave the
// multipliers waiting for each other.
func (c *conv) tiles(limit int) []run {
	columns := c.y.columns
	n := ir.Ceil(columns, limit)
	wide, narrow := columns%n, columns/n
	var runs []run
	if n <= alone && c.meetsBorder() {
		for i, first := 0, 0; i < n; i++ {
			pixels := narrow
			if i < wide {
				pixels++
			}
			runs = append(runs, run{1, pixels, first})
			first += pixels
		}
		return runs
	}
	if wide > 0 {
		runs = append(runs, run{wide, narrow + 1, 0})
	}
	return append(runs, run{n - wide, narrow, wide * (narrow + 1)})
}

// meetsBorder reports whether some column of the kernel meets the border under some pixel.
func (c *conv) meetsBorder() bool {
	for p := range c.y.columns {
		if c.outside(1, p, 0) || c.outside(1, p, c.kernel[1]-1) {
			return true
		}
	}
	return false
}
