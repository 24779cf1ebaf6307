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
// Both conv2d and, with the kernel turned around, conv2d_dx with stride 1 are of this form.
type conv struct {
	field
	y plane // its border is set to zeros
}

// convOf reads a convolution off a kernel whose result lies as y. It reports false where the form
// above does not hold: dx with a stride, or with more padding than the kernel reaches.
func convOf(k *plan.Kernel, y ir.Type) (conv, bool) {
	x, w := k.Args[0].Type, k.Args[1].Type
	c := conv{fieldOf(x, w.Shape[2:], k.Attrs), planeOf(y)}
	if w.Layout.Order != ir.IOHW16i {
		return c, true
	}
	ok := c.stride == [2]int{1, 1}
	for i := range 2 {
		ok = ok && c.dilation[i]*(c.kernel[i]-1)+c.first[i] >= 0
		c.dilation[i], c.first[i] = -c.dilation[i], -c.first[i]
	}
	return c, ok
}

// emit emits func name(y, x, w []float32). Pixels of a row are computed in tiles that fill the
// registers; a block of x's channels passes over the whole plane before the next, so that its
// weights stay near.
func (c conv) emit(a *assembler, name string) {
	a.Function(name)
	a.SignatureExpr("func(y, x, w []float32)")
	y, x, w := a.pointer("y"), a.pointer("x"), a.pointer("w")
	if c.few() { // one pass folds them all
		a.clearBorder(c.y, y)
		a.overPlane(c, y, x, w, c.count)
		a.done()
		return
	}
	zero := a.vector()
	a.zero(zero)
	a.clear(zero, a.copyOf(y), c.y.size)
	_, weights := c.weights()
	block := func() {
		a.overPlane(c, y, x, w, c.block)
		a.advance(x, c.step)
		a.advance(w, c.block*weights)
	}
	if c.whole() { // as many as there are weights
		left := a.GP64()
		a.Load(a.Param("w").Len(), left)
		a.whilePositive("block", left, c.block*weights, block)
		a.done()
		return
	}
	if full := c.count / c.block; full > 0 {
		a.repeat("block", full, block)
	}
	a.overPlane(c, y, x, w, c.count%c.block)
	a.done()
}

// down is a loop over the rows of the kernel that meet no border: how many, and how far the next
// channel is behind them.
type down struct{ rows, x, w reg.GPVirtual }

// overPlane adds the products of some channels to every pixel. Like all below, it leaves the
// pointers where they were.
func (a *assembler) overPlane(c conv, y, x, w reg.GPVirtual, channels int) {
	xRow, xPixel := c.move()
	xDown, _ := c.tap()
	wDown, _ := c.weights()
	a.advance(y, c.y.base)
	a.advance(x, c.start())
	spans, skipped := c.spans(), 0
	rows, d := a.GP64(), down{a.GP64(), a.GP64(), a.GP64()}
	a.eachCase("rows", len(spans), func(i int) {
		s := spans[i]
		a.set(rows, s.rows)
		a.set(d.rows, s.to-s.from)
		a.set(d.x, (c.next()-(s.to-s.from)*xDown)*floatBytes)
		a.set(d.w, (c.kernel[0]-(s.to-s.from))*wDown*floatBytes)
		a.advance(x, (s.from-skipped)*xDown)
		a.advance(w, (s.from-skipped)*wDown)
		skipped = s.from
	}, func() {
		a.repeatTimes("row", rows, func() {
			for _, run := range tiles(c.y.columns, a.tile()) {
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
	a.advance(w, -skipped*wDown)
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
func (a *assembler) tileOf(c conv, y, x, w reg.GPVirtual, d down, run run, channels int) {
	parts := a.parts()
	sums := a.vectors(run.pixels * parts)
	for i, sum := range sums {
		if c.few() {
			a.zero(sum)
		} else {
			a.VMOVUPS(at(y, i/parts*c.y.pixel+i%parts*a.lanes), sum)
		}
	}
	xDown, _ := c.tap()
	wDown, weights := c.weights()
	next := a.below(c, x, run, channels)
	a.repeat("channel", channels, func() {
		next.fetch()
		a.repeatTimes("down", a.copyOf(d.rows), func() {
			for right := range c.kernel[1] {
				a.tap(c, x, w, run, right, sums)
			}
			a.advance(x, xDown)
			a.advance(w, wDown)
		})
		a.ADDQ(d.x, x)
		a.ADDQ(d.w, w)
	})
	a.advance(x, -channels*c.next())
	a.advance(w, -channels*weights)
	for i, sum := range sums {
		a.VMOVUPS(sum, at(y, i/parts*c.y.pixel+i%parts*a.lanes))
	}
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
			weights = a.load(w, right*ir.Lanes)
		}
		a.addProducts(sums[p*a.parts():][:a.parts()], weights, at(x, right*xRight+p*xPixel))
	}
}

// below is what the tile in the next row meets first: the row of x below this tile's, or the first
// rows of the next block of channels.
type below struct {
	*assembler
	p     reg.GPVirtual
	lines int // to fetch for each channel
}

func (a *assembler) below(c conv, x reg.GPVirtual, run run, channels int) below {
	if c.few() {
		return below{}
	}
	p := a.copyOf(x)
	xDown, _ := c.tap()
	a.advance(p, c.kernel[0]*max(xDown, -xDown))
	return below{a, p, ceil(run.pixels*c.stride[1], channels)}
}

// fetch fetches some lines into the first-level cache.
func (b below) fetch() {
	if b.p == nil {
		return
	}
	for i := range b.lines {
		b.PREFETCHT0(at(b.p, i*ir.Lanes))
	}
	b.advance(b.p, b.lines*ir.Lanes)
}

// load returns the lanes of a block, in registers.
func (a *assembler) load(from reg.GPVirtual, offset int) []reg.VecVirtual {
	lanes := a.vectors(a.parts())
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
	factor := a.vector()
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
func tiles(columns, limit int) []run {
	n := (columns + limit - 1) / limit
	wide, narrow := columns%n, columns/n
	var runs []run
	if n <= alone {
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
