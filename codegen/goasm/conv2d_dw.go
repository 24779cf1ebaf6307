package goasm

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// correlation is what images add to the gradient of the weights of one block of output channels:
//
//	dw[c][k][lane] += Σ_p dy[p][lane]·x[p·stride + first + k·dilation][c]
type correlation struct {
	field
	dy     plane
	images [2]int // from an image of x to the next, and of dy, in floats
}

// correlationOf reads a correlation off a kernel.
func correlationOf(k *plan.Kernel) correlation {
	x, dy := k.Args[0].Type, k.Args[1].Type
	return correlation{fieldOf(x, k.Attrs.Ints("kernel"), k.Attrs), planeOf(dy),
		[2]int{x.Place().Stride[0], dy.Place().Stride[0]}}
}

// cacheFloats is how much of x and dy a pass may touch and still find it in the first-level cache
// when it comes again for other channels and taps.
const cacheFloats = 4 << 10

// unrolledColumns is the width up to which a row is no loop, and leaves out what meets the border.
const unrolledColumns = 8

func conv2dDWTwin(s *plan.Step, _ ir.Type) function {
	channels := s.Kernel.Args[0].Type.Shape[1]
	if blocks := channels / Lanes; s.Cuts[1].Pieces > 1 &&
		(channels%Lanes != 0 || blocks%s.Cuts[1].Pieces != 0) {
		return nil // a task's channels are not whole blocks
	}
	return correlationOf(s.Kernel)
}

// emit emits func name(dw, x, dy []float32, from, to, images int), for the channels from, …,
// to-1 of x, which are whole blocks or all. The images are cut into strips that stay in the cache
// while every channel and tap passes over them with its sums in registers: some rows of an image,
// or several small images.
func (c correlation) emit(a *assembler) {
	s := strip{a: a, c: c, x: a.AllocLocal(8), dy: a.pointer("dy"), count: a.GP64()}
	s.toFirst()
	a.advance(s.dy, c.dy.base)
	images := a.GP64()
	a.Load(a.Param("images"), images)
	left := a.AllocLocal(8)
	a.MOVQ(images, left)

	xRow, xPixel := c.move()
	row := c.dy.columns * (c.dy.pixel + c.stride[0]*xPixel)
	if n := cacheFloats / (row * c.dy.rows); n > 1 && c.dy.columns <= unrolledColumns {
		s.small = true
		s.cut(left, n, c.images[0], c.images[1])
		a.done()
		return
	}
	parts := ir.Ceil(c.dy.rows*row, cacheFloats)
	rows := ir.Ceil(c.dy.rows, parts)
	a.repeatTimes("image", left, func() {
		below := a.AllocLocal(8)
		a.MOVQ(operand.I32(c.dy.rows), below)
		s.cut(below, rows, xRow, c.dy.row)
		end := ir.Ceil(c.dy.rows, rows) * rows
		s.moveX(c.images[0] - end*xRow)
		a.advance(s.dy, c.images[1]-end*c.dy.row)
	})
	a.done()
}

// strip emits passes over a number of rows or of small images, whose first x and dy are at.
type strip struct {
	a     *assembler
	c     correlation
	x     operand.Mem // holds a pointer
	dy    reg.GPVirtual
	count reg.GPVirtual
	small bool // the strip is of images
}

// toFirst makes x point to what the kernel's first element meets in the first of the channels
// from, …, to-1.
func (s strip) toFirst() {
	x := s.a.pointer("x")
	s.a.advance(x, s.c.start())
	if s.c.whole() {
		from := s.a.GP64()
		s.a.Load(s.a.Param("from"), from)
		s.a.SHRQ(operand.U8(4), from) // Lanes channels each
		s.a.IMUL3Q(operand.U32(s.c.step*floatBytes), from, from)
		s.a.ADDQ(from, x)
	}
	s.a.MOVQ(x, s.x)
}

func (s strip) moveX(floats int) { s.a.ADDQ(operand.I32(floats*floatBytes), s.x) }

// cut emits a loop over strips of at most limit, of as many as left holds.
func (s strip) cut(left operand.Mem, limit, x, dy int) {
	s.a.whilePositive("strip", left, limit, func() {
		s.a.set(s.count, limit)
		s.a.CMPQ(s.count, left)
		s.a.CMOVQGT(left, s.count)
		s.pass()
		s.moveX(limit * x)
		s.a.advance(s.dy, limit*dy)
	})
}

// pass adds the products of a strip for all channels.
func (s strip) pass() {
	x, dw := s.a.GP64(), s.a.pointer("dw")
	s.a.MOVQ(s.x, x)
	block := func() {
		s.block(dw, x, s.c.block)
		s.a.advance(x, s.c.step)
		_, weights := s.c.weights()
		s.a.advance(dw, s.c.block*weights)
	}
	switch {
	case s.c.few():
		s.block(dw, x, s.c.count)
	case s.c.whole():
		from, blocks := s.a.GP64(), s.a.GP64()
		s.a.Load(s.a.Param("from"), from)
		s.a.Load(s.a.Param("to"), blocks)
		s.a.SUBQ(from, blocks)
		s.a.SHRQ(operand.U8(4), blocks)
		s.a.repeatTimes("block", blocks, block)
	default:
		if full := s.c.count / s.c.block; full > 0 {
			s.a.repeat("block", full, block)
		}
		s.block(dw, x, s.c.count%s.c.block)
	}
}

// block adds the products of some channels that lie next apart, for one row of the kernel after the
// other. It leaves the pointers where they were, as do all below.
func (s strip) block(dw, x reg.GPVirtual, channels int) {
	rows := s.rows()
	if len(rows) == 0 {
		return // the kernel meets nothing but the border
	}
	xRow, _ := s.c.move()
	xDown, _ := s.c.tap()
	wDown, _ := s.c.weights()
	at := kernelRow{}
	l := imageLoop{s.a.GP64(), s.a.GP64(), s.a.GP64()}
	move := func(to kernelRow) {
		s.a.advance(x, (to.down-at.down)*xDown+(to.from-at.from)*xRow)
		s.a.advance(dw, (to.down-at.down)*wDown)
		if s.small {
			s.a.advance(s.dy, (to.from-at.from)*s.c.dy.row)
		}
		at = to
	}
	s.a.eachCase("down", len(rows), func(i int) {
		move(rows[i])
		if n := rows[i].to - rows[i].from; s.small {
			s.a.set(l.rows, n)
			s.a.set(l.x, (s.c.images[0]-n*xRow)*floatBytes)
			s.a.set(l.dy, (s.c.images[1]-n*s.c.dy.row)*floatBytes)
		}
	}, func() { s.groups(dw, x, l, channels) })
	move(kernelRow{})
}

// imageLoop is a loop over the rows of several images: how many rows, and how far the next image
// is behind them.
type imageLoop struct{ rows, x, dy reg.GPVirtual }

// kernelRow is a row of the kernel, and the rows of dy under which it meets no border.
type kernelRow struct{ down, from, to int }

// rows returns the rows of the kernel that meet anything but the border.
func (s strip) rows() []kernelRow {
	var rows []kernelRow
	for down := range s.c.kernel[0] {
		from, to := 0, s.c.dy.rows
		for s.small && from < to && s.c.outside(0, from, down) {
			from++
		}
		for s.small && from < to && s.c.outside(0, to-1, down) {
			to--
		}
		if from < to {
			rows = append(rows, kernelRow{down, from, to})
		}
	}
	return rows
}

// groups cuts channels and a row of the kernel into groups whose sums fill the registers.
func (s strip) groups(dw, x reg.GPVirtual, l imageLoop, channels int) {
	_, weights := s.c.weights()
	width := s.c.kernel[1]
	parts := ir.Ceil(width, s.a.tile())
	for part := range parts {
		g := group{from: width * part / parts, to: width * (part + 1) / parts}
		size := min(channels, s.a.tile()/g.taps())
		for channels == Lanes && channels%size != 0 {
			size--
		}
		move := func(n int) {
			s.a.advance(x, n*s.c.next())
			s.a.advance(dw, n*weights)
		}
		s.a.repeat("group", channels/size, func() {
			g.channels = size
			s.sums(dw, x, l, g)
			move(size)
		})
		if rest := channels % size; rest > 0 {
			g.channels = rest
			s.sums(dw, x, l, g)
		}
		move(-channels / size * size)
	}
}

// group is some channels and columns of the kernel.
type group struct{ channels, from, to int }

func (g group) taps() int { return g.to - g.from }

// sums adds the products of a group, with the sums in registers.
func (s strip) sums(dw, x reg.GPVirtual, l imageLoop, g group) {
	parts := s.a.parts()
	_, weights := s.c.weights()
	sums := s.a.named("sums", g.channels*g.taps()*parts)
	s.a.phase("sums of %d channels, columns %d to %d of the kernel", g.channels, g.from, g.to-1)
	place := func(i int) operand.Mem {
		c, k := i/parts/g.taps(), g.from+i/parts%g.taps()
		return at(dw, c*weights+k*Lanes+i%parts*s.a.lanes)
	}
	for i, sum := range sums {
		s.a.VMOVUPS(place(i), sum)
	}
	x, dy := s.a.copyOf(x), s.a.copyOf(s.dy)
	if s.small {
		s.overImages(x, dy, l, g, sums)
	} else {
		s.overRows(x, dy, g, sums)
	}
	for i, sum := range sums {
		s.a.VMOVUPS(sum, place(i))
	}
}

// overImages adds the products of a number of images.
func (s strip) overImages(x, dy reg.GPVirtual, l imageLoop, g group, sums []reg.VecVirtual) {
	xRow, _ := s.c.move()
	s.a.repeatTimes("image", s.a.copyOf(s.count), func() {
		s.a.repeatTimes("row", s.a.copyOf(l.rows), func() {
			for p := range s.c.dy.columns {
				s.pixel(x, dy, p, g, sums, func(k int) bool { return s.c.outside(1, p, k) })
			}
			s.a.advance(x, xRow)
			s.a.advance(dy, s.c.dy.row)
		})
		s.a.ADDQ(l.x, x)
		s.a.ADDQ(l.dy, dy)
	})
}

// overRows adds the products of a number of rows.
func (s strip) overRows(x, dy reg.GPVirtual, g group, sums []reg.VecVirtual) {
	xRow, xPixel := s.c.move()
	columns := s.c.dy.columns
	s.a.repeatTimes("row", s.a.copyOf(s.count), func() {
		s.a.repeat("pixel", columns, func() {
			s.pixel(x, dy, 0, g, sums, func(int) bool { return false })
			s.a.advance(x, xPixel)
			s.a.advance(dy, s.c.dy.pixel)
		})
		s.a.advance(x, xRow-columns*xPixel)
		s.a.advance(dy, s.c.dy.row-columns*s.c.dy.pixel)
	})
}

// pixel adds the products of the pixel that is p pixels behind the pointers, without the columns of
// the kernel that are outside.
func (s strip) pixel(
	x, dy reg.GPVirtual, p int, g group, sums []reg.VecVirtual, outside func(k int) bool,
) {
	_, xPixel := s.c.move()
	_, xRight := s.c.tap()
	gradient := s.a.load(dy, p*s.c.dy.pixel)
	if !s.c.few() { // the next block of channels
		s.a.PREFETCHT0(at(x, s.c.step+p*xPixel))
	}
	for c := range g.channels {
		for k := g.from; k < g.to; k++ {
			if !outside(k) {
				i := (c*g.taps() + k - g.from) * s.a.parts()
				s.a.addProducts(sums[i:][:s.a.parts()], gradient,
					at(x, p*xPixel+k*xRight+c*s.c.next()))
			}
		}
	}
}
