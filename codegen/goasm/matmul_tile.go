package goasm

import (
	"slices"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tile is what the code for tiles of all heights shares: the address of its first element of y in
// the panel, how many columns of the group are left, and its height.
type tile struct{ y, columns, height reg.GPVirtual }

func (m *multiplier) tile() tile {
	t := tile{m.a.GP64(), m.a.GP64(), m.a.GP64()}
	m.a.holds("y of the tile", t.y)
	m.a.holds("columns left", t.columns)
	m.a.holds("rows of the tile", t.height)
	return t
}

// tiles adds the products of a block for the rows of this chunk and the columns of this group.
func (m *multiplier) tiles() {
	m.startAhead()
	left := m.load(m.atBlock.a)
	if m.packs {
		m.a.MOVQ(m.buffers, left)
		m.a.advance(left, m.leftAt)
	}
	m.a.MOVQ(left, m.atTile.packed)
	t, atEdge := m.tile(), m.a.label("edge")
	m.overRows(t,
		func(height int) { m.tileOf(t, height, atEdge) },
		func() {
			if m.partPanel {
				m.a.Label(string(atEdge))
				m.edgeTile(t)
			}
		})
}

// overRows emits body for each height of a tile, in a loop over the rows of this chunk, and rest
// behind them all.
func (m *multiplier) overRows(t tile, body func(height int), rest func()) {
	m.copyWord(m.atChunk.size, m.atTile.left)
	m.copyWord(m.atGroup.y, m.atTile.y)
	m.copyWord(m.atBlock.a, m.atTile.a)
	next, done := m.a.label("tall"), m.a.label("tileDone")
	m.a.Label(string(next))
	for i, start := range m.chooseHeight() {
		m.a.Label(string(start))
		body(m.occur[i])
		m.a.MOVQ(operand.U32(m.occur[i]), t.height)
		m.a.JMP(done)
	}
	rest()
	m.a.Label(string(done))
	forward := m.a.GP64()
	m.a.IMUL3Q(operand.U32(m.columns*floatBytes), t.height, forward)
	m.a.ADDQ(forward, m.atTile.y)
	m.a.IMUL3Q(operand.U32(m.leftRow*floatBytes), t.height, forward)
	m.a.ADDQ(forward, m.atTile.packed)
	if m.transA {
		m.a.SHLQ(operand.U8(2), t.height) // floatBytes each
		m.a.ADDQ(t.height, m.atTile.a)
		m.a.SHRQ(operand.U8(2), t.height)
	}
	m.a.SUBQ(t.height, m.atTile.left)
	m.a.JG(next)
}

// chooseHeight jumps to one of the labels that it returns, one for each height that tiles have, as
// heightOf says.
func (m *multiplier) chooseHeight() []operand.LabelRef {
	var starts []operand.LabelRef
	for range m.occur {
		starts = append(starts, m.a.label("height"))
	}
	last := len(starts) - 1
	if last == 0 {
		return starts
	}
	rows := m.load(m.atTile.left)
	if i := slices.Index(m.occur, m.heights[1]); i >= 0 {
		m.a.CMPQ(rows, operand.U8(2*m.heights[1]))
		m.a.JEQ(starts[i])
	}
	for i, height := range m.occur[:last] {
		m.a.CMPQ(rows, operand.U8(height))
		m.a.JGE(starts[i])
	}
	m.a.JMP(starts[last])
	return starts
}

// tileOf computes a tile for all panels of the group. It jumps to atEdge with the sums of the last
// panel in the buffer if some of its columns are missing.
func (m *multiplier) tileOf(t tile, height int, atEdge operand.LabelRef) {
	left, right := m.load(m.atTile.packed), m.load(m.buffers)
	m.a.MOVQ(m.atTile.y, t.y)
	m.a.MOVQ(m.atGroup.size, t.columns)
	panel, partial, done := m.a.label("panel"), m.a.label("partial"), m.a.label("panelsDone")
	m.a.Label(string(panel))
	sums := m.sums(left, right, height)
	if m.fullPanel {
		m.a.advance(right, m.panel)
		if m.partPanel {
			m.a.CMPQ(t.columns, operand.U8(m.width))
			m.a.JL(partial)
		}
		m.storeTile(t, sums)
		m.a.advance(t.y, m.width)
		m.a.SUBQ(operand.U8(m.width), t.columns)
		m.a.JNZ(panel)
		m.a.JMP(done)
	}
	if m.partPanel {
		m.a.Label(string(partial))
		m.a.MOVQ(operand.U32(height), t.height)
		buffer := m.edgeBuffer()
		for i, sum := range sums {
			m.a.VMOVUPS(sum, at(buffer, i*m.a.lanes))
		}
		m.a.JMP(atEdge)
	}
	m.a.Label(string(done))
}

// storeTile adds a tile to y, or stores that of the first block.
func (m *multiplier) storeTile(t tile, sums []reg.VecVirtual) {
	m.a.phase("add them to y, or store the first")
	place := func(i int) operand.Mem { return at(t.y, i/2*m.columns+i%2*m.a.lanes) }
	m.ifLater(func() {
		for i, sum := range sums {
			m.a.VADDPS(place(i), sum, sum)
		}
	})
	for i, sum := range sums {
		m.a.VMOVUPS(sum, place(i))
	}
}

// sums computes a tile's sums over the steps of this block, a row in two registers each.
func (m *multiplier) sums(left, right reg.GPVirtual, height int) []reg.VecVirtual {
	row, inner := m.leftRow, 1
	if m.transA {
		row, inner = 1, height
	}
	sums := m.a.named("sums", 2*height)
	m.a.phase("sums of %d rows", height)
	for _, sum := range sums {
		m.a.zero(sum)
	}
	left, right = m.a.copyOf(left), m.a.copyOf(right)
	m.a.holds("rows of a", left)
	m.a.holds("packed columns of b", right)
	steps, unroll := m.load(m.atBlock.size), 1
	if m.inner%2 == 0 {
		unroll = 2
		m.a.SHRQ(operand.U8(1), steps)
	}
	columns, v := m.a.named("columns of b", 2), m.a.named("element of a", 1)[0]
	ahead := m.ahead()
	m.a.repeatTimes("step", steps, func() {
		for step := range unroll {
			for i, column := range columns {
				m.a.VMOVUPS(at(right, step*m.width+i*m.a.lanes), column)
			}
			for i := range height {
				m.a.VBROADCASTSS(at(left, i*row+step*inner), v)
				for part, column := range columns {
					m.a.VFMADD231PS(column, v, sums[2*i+part])
				}
			}
			ahead.fetch(step)
		}
		ahead.next()
		m.a.advance(left, unroll*inner)
		m.a.advance(right, unroll*m.width)
	})
	ahead.done()
	return sums
}

// edgeTile adds the tile in the buffer to the last columns of y.
func (m *multiplier) edgeTile(t tile) {
	buffer, y, rows := m.edgeBuffer(), m.a.copyOf(t.y), m.a.copyOf(t.height)
	edge := m.a.edge(t.columns)
	m.a.repeatTimes("edgeRow", rows, func() {
		sums := m.a.vectors(2)
		for part, sum := range sums {
			m.a.VMOVUPS(at(buffer, part*m.a.lanes), sum)
		}
		m.ifLater(func() {
			for part, sum := range sums {
				before := m.a.vector()
				edge.load(at(y, part*m.a.lanes), part, before)
				m.a.VADDPS(before, sum, sum)
			}
		})
		for part, sum := range sums {
			edge.store(sum, part, at(y, part*m.a.lanes))
		}
		m.a.advance(buffer, m.width)
		m.a.advance(y, m.product.columns)
	})
}

// edgeBuffer returns the address of the buffer for a tile at the right edge.
func (m *multiplier) edgeBuffer() reg.GPVirtual {
	p := m.load(m.buffers)
	m.a.advance(p, m.edgeAt)
	return p
}

// ifLater emits body to run for every block of the inner axis but the first.
func (m *multiplier) ifLater(body func()) {
	if m.inner <= m.depth {
		return
	}
	first := m.a.label("first")
	m.a.CMPQ(m.atBlock.left, operand.U32(m.inner))
	m.a.JEQ(first)
	body()
	m.a.Label(string(first))
}
