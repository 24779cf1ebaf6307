package goasm

import (
	"slices"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// correlation is what one image adds to the gradient of the weights of one block of output
// channels:
//
//	dw[c][tap][lane] += Σ_p dy[p][lane]·x[p·stride + tap][c]
//
// All distances are in floats.
type correlation struct {
	dy       plane
	x        plane
	channels int // of x
	block    int // channels side by side in x: ir.Lanes, or 1
	step     int // from a block of x to the next
	stride   [2]int
	taps     [][]int // offsets into x, by row of the kernel
	weights  int     // from a channel of dw to the next
}

// correlationOf reads a correlation off a kernel step.
func correlationOf(k *plan.Kernel) correlation {
	x, dy := k.Args[0].Type, k.Args[1].Type
	stride, pad, dilation := k.Attrs.Ints("stride"), k.Attrs.Ints("pad"), k.Attrs.Ints("dilation")
	place, kernel := x.Place(), k.Attrs.Ints("kernel")
	c := correlation{
		dy: planeOf(dy), x: planeOf(x),
		channels: x.Shape[1], block: 1, step: place.Stride[1],
		stride: [2]int{stride[0], stride[1]}, weights: kernel[0] * kernel[1] * ir.Lanes,
	}
	if place.Block == 1 {
		c.block = ir.Lanes
	}
	for i := range kernel[0] {
		var row []int
		for j := range kernel[1] {
			row = append(row,
				(i*dilation[0]-pad[0])*c.x.row+(j*dilation[1]-pad[1])*c.x.pixel)
		}
		c.taps = append(c.taps, row)
	}
	return c
}

// nearFloats is how much of x and dy a pass over some rows may touch and still find it in the
// first-level cache when it comes again for other channels and taps.
const nearFloats = 6 << 10

// correlate emits func name(dw, x, dy []float32, from, to int), for the channels from, …, to-1 of
// x, which are whole blocks or all. The plane is cut into strips of rows that stay in the cache
// while every channel and tap passes over them with its sums in registers.
func (a *assembler) correlate(name string, c correlation) {
	a.Function(name)
	a.SignatureExpr("func(dw, x, dy []float32, from, to int)")
	s := strip{a, c, a.pointer("dw"), a.pointer("x"), a.pointer("dy"), nil}
	if c.block > 1 && c.channels%c.block == 0 {
		s.blocks = s.skipBlocks()
	}
	a.advance(s.x, c.x.base)
	a.advance(s.dy, c.dy.base)
	rows := nearFloats / (c.dy.columns * (c.dy.pixel + c.stride[0]*c.stride[1]*c.x.pixel))
	rows = max(1, min(rows, c.dy.rows))
	a.repeat("strip", c.dy.rows/rows, func() { s.pass(rows) })
	if rest := c.dy.rows % rows; rest > 0 {
		s.pass(rest)
	}
	a.done()
}

// strip emits passes over some rows. Its methods leave the pointers where they found them, except
// for what their comments say.
type strip struct {
	*assembler
	correlation
	dw, x, dy reg.GPVirtual
	blocks    reg.GPVirtual // number of whole blocks; nil where it is a constant
}

// skipBlocks moves x to the first block of the channels from, …, to-1 and returns how many blocks
// these are.
func (s strip) skipBlocks() reg.GPVirtual {
	from, blocks := s.GP64(), s.GP64()
	s.Load(s.Param("from"), from)
	s.Load(s.Param("to"), blocks)
	s.SUBQ(from, blocks)
	s.SHRQ(operand.U8(4), blocks) // ir.Lanes channels each
	s.SHRQ(operand.U8(4), from)
	s.IMUL3Q(operand.U32(s.step*floatBytes), from, from)
	s.ADDQ(from, s.x)
	return blocks
}

// pass adds the products of some rows for all channels and moves on to the rows behind them.
func (s strip) pass(rows int) {
	full, rest := s.channels/s.block, s.channels%s.block
	switch {
	case s.block == 1:
		s.blockOf(rows, s.channels, s.step)
	case s.blocks != nil:
		s.passBlocks(rows)
	default:
		if full > 0 {
			s.repeat("block", full, func() {
				s.blockOf(rows, s.block, 1)
				s.advance(s.x, s.step)
				s.advance(s.dw, s.block*s.weights)
			})
		}
		if rest > 0 {
			s.blockOf(rows, rest, 1)
		}
		s.advance(s.x, -full*s.step)
		s.advance(s.dw, -full*s.block*s.weights)
	}
	s.advance(s.x, rows*s.stride[0]*s.correlation.x.row)
	s.advance(s.dy, rows*s.correlation.dy.row)
}

// passBlocks adds the products of some rows for the task's blocks of channels.
func (s strip) passBlocks(rows int) {
	x, dw := s.copyOf(s.x), s.copyOf(s.dw)
	s.repeatTimes("block", s.copyOf(s.blocks), func() {
		s.blockOf(rows, s.block, 1)
		s.advance(s.x, s.step)
		s.advance(s.dw, s.block*s.weights)
	})
	s.MOVQ(x, s.x)
	s.MOVQ(dw, s.dw)
}

// blockOf adds the products of some rows for channels that lie next apart.
func (s strip) blockOf(rows, channels, next int) {
	limit := s.tile()
	for _, taps := range tapGroups(s.taps, limit) {
		group := max(1, min(channels, limit/len(taps.x)))
		move := func(n int) {
			s.advance(s.x, n*next)
			s.advance(s.dw, n*s.weights)
		}
		if n := channels / group; n > 0 {
			s.repeat("group", n, func() {
				s.sums(rows, group, next, taps)
				move(group)
			})
		}
		if rest := channels % group; rest > 0 {
			s.sums(rows, rest, next, taps)
		}
		move(-channels / group * group)
	}
}

// tapGroup is a number of neighbouring taps: where the first lies in dw, and where they lie in x.
type tapGroup struct {
	first int
	x     []int
}

// tapGroups cuts a kernel into groups of at most limit taps: all, or rows, or parts of rows.
func tapGroups(rows [][]int, limit int) []tapGroup {
	if all := slices.Concat(rows...); len(all) <= limit {
		return []tapGroup{{0, all}}
	}
	parts := (len(rows[0]) + limit - 1) / limit
	size := (len(rows[0]) + parts - 1) / parts
	var groups []tapGroup
	at := 0
	for _, row := range rows {
		for part := range slices.Chunk(row, size) {
			groups = append(groups, tapGroup{at, part})
			at += len(part)
		}
	}
	return groups
}

// sums adds the products of some rows for a few channels and taps, with the sums in registers.
func (s strip) sums(rows, channels, next int, taps tapGroup) {
	parts := s.parts()
	sums := s.vectors(channels * len(taps.x) * parts)
	place := func(i int) (c, t, part int) {
		return i / parts / len(taps.x), i / parts % len(taps.x), i % parts
	}
	for i, sum := range sums {
		c, t, part := place(i)
		s.VMOVUPS(at(s.dw, c*s.weights+(taps.first+t)*ir.Lanes+part*s.lanes), sum)
	}
	x, dy := s.correlation.x, s.correlation.dy
	s.repeat("row", rows, func() {
		s.repeat("pixel", dy.columns, func() {
			gradient := s.vectors(parts)
			for i, v := range gradient {
				s.VMOVUPS(at(s.dy, i*s.lanes), v)
			}
			for i := 0; i < len(sums); i += parts {
				c, t, _ := place(i)
				pixel := s.vector()
				s.VBROADCASTSS(at(s.x, taps.x[t]+c*next), pixel)
				for part, v := range gradient {
					s.VFMADD231PS(v, pixel, sums[i+part])
				}
			}
			s.advance(s.x, s.stride[1]*x.pixel)
			s.advance(s.dy, dy.pixel)
		})
		s.advance(s.x, s.stride[0]*x.row-dy.columns*s.stride[1]*x.pixel)
		s.advance(s.dy, dy.row-dy.columns*dy.pixel)
	})
	s.advance(s.x, -rows*s.stride[0]*x.row)
	s.advance(s.dy, -rows*dy.row)
	for i, sum := range sums {
		c, t, part := place(i)
		s.VMOVUPS(sum, at(s.dw, c*s.weights+(taps.first+t)*ir.Lanes+part*s.lanes))
	}
}
