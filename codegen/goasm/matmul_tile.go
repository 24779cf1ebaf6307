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
	t := tile{m.GP64(), m.GP64(), m.GP64()}
	m.holds("y of the tile", t.y)
	m.holds("columns left", t.columns)
	m.holds("rows of the tile", t.height)
	return t
}

// tiles adds the products of a block for the rows of this chunk and the columns of this group.
func (m *multiplier) tiles() {
	m.startAhead()
	left := m.load(m.atBlock.a)
	if m.packs {
		m.MOVQ(m.buffers, left)
		m.advance(left, m.leftAt)
	}
	m.MOVQ(left, m.atTile.packed)
	t, atEdge := m.tile(), m.label("edge")
	m.overRows(t,
		func(height int) { m.tileOf(t, height, atEdge) },
		func() {
			if m.partPanel {
				m.Label(string(atEdge))
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
	next, done := m.label("tall"), m.label("tileDone")
	m.Label(string(next))
	for i, start := range m.chooseHeight() {
		m.Label(string(start))
		body(m.occur[i])
		m.MOVQ(operand.U32(m.occur[i]), t.height)
		m.JMP(done)
	}
	rest()
	m.Label(string(done))
	forward := m.GP64()
	m.IMUL3Q(operand.U32(m.columns*floatBytes), t.height, forward)
	m.ADDQ(forward, m.atTile.y)
	m.IMUL3Q(operand.U32(m.leftRow*floatBytes), t.height, forward)
	m.ADDQ(forward, m.atTile.packed)
	if m.transA {
		m.SHLQ(operand.U8(2), t.height) // floatBytes each
		m.ADDQ(t.height, m.atTile.a)
		m.SHRQ(operand.U8(2), t.height)
	}
	m.SUBQ(t.height, m.atTile.left)
	m.JG(next)
}

// chooseHeight jumps to one of the labels that it returns, one for each height that tiles have, as
// heightOf says.
func (m *multiplier) chooseHeight() []operand.LabelRef {
	var starts []operand.LabelRef
	for range m.occur {
		starts = append(starts, m.label("height"))
	}
	last := len(starts) - 1
	if last == 0 {
		return starts
	}
	rows := m.load(m.atTile.left)
	if i := slices.Index(m.occur, m.heights[1]); i >= 0 {
		m.CMPQ(rows, operand.U8(2*m.heights[1]))
		m.JEQ(starts[i])
	}
	for i, height := range m.occur[:last] {
		m.CMPQ(rows, operand.U8(height))
		m.JGE(starts[i])
	}
	m.JMP(starts[last])
	return starts
}

// tileOf computes a tile for all panels of the group. It jumps to atEdge with the sums of the last
// panel in the buffer if some of its columns are missing.
func (m *multiplier) tileOf(t tile, height int, atEdge operand.LabelRef) {
	left, right := m.load(m.atTile.packed), m.load(m.buffers)
	m.MOVQ(m.atTile.y, t.y)
	m.MOVQ(m.atGroup.size, t.columns)
	panel, partial, done := m.label("panel"), m.label("partial"), m.label("panelsDone")
	m.Label(string(panel))
	sums := m.sums(left, right, height)
	if m.fullPanel {
		m.advance(right, m.panel)
		if m.partPanel {
			m.CMPQ(t.columns, operand.U8(m.width))
			m.JL(partial)
		}
		m.storeTile(t, sums)
		m.advance(t.y, m.width)
		m.SUBQ(operand.U8(m.width), t.columns)
		m.JNZ(panel)
		m.JMP(done)
	}
	if m.partPanel {
		m.Label(string(partial))
		m.MOVQ(operand.U32(height), t.height)
		buffer := m.edgeBuffer()
		for i, sum := range sums {
			m.VMOVUPS(sum, at(buffer, i*m.lanes))
		}
		m.JMP(atEdge)
	}
	m.Label(string(done))
}

// storeTile adds a tile to y, or stores that of the first block.
func (m *multiplier) storeTile(t tile, sums []reg.VecVirtual) {
	m.phase("add them to y, or store the first")
	place := func(i int) operand.Mem { return at(t.y, i/2*m.columns+i%2*m.lanes) }
	m.ifLater(func() {
		for i, sum := range sums {
			m.VADDPS(place(i), sum, sum)
		}
	})
	for i, sum := range sums {
		m.VMOVUPS(sum, place(i))
	}
}

// sums computes a tile's sums over the steps of this block, a row in two registers each.
func (m *multiplier) sums(left, right reg.GPVirtual, height int) []reg.VecVirtual {
	row, inner := m.leftRow, 1
	if m.transA {
		row, inner = 1, height
	}
	sums := m.named("sums", 2*height)
	m.phase("sums of %d rows", height)
	for _, sum := range sums {
		m.zero(sum)
	}
	left, right = m.copyOf(left), m.copyOf(right)
	m.holds("rows of a", left)
	m.holds("packed columns of b", right)
	steps, unroll := m.load(m.atBlock.size), 1
	if m.inner%2 == 0 {
		unroll = 2
		m.SHRQ(operand.U8(1), steps)
	}
	columns, v := m.named("columns of b", 2), m.named("element of a", 1)[0]
	ahead := m.ahead()
	m.repeatTimes("step", steps, func() {
		for step := range unroll {
			for i, column := range columns {
				m.VMOVUPS(at(right, step*m.width+i*m.lanes), column)
			}
			for i := range height {
				m.VBROADCASTSS(at(left, i*row+step*inner), v)
				for part, column := range columns {
					m.VFMADD231PS(column, v, sums[2*i+part])
				}
			}
			ahead.fetch(step)
		}
		ahead.next()
		m.advance(left, unroll*inner)
		m.advance(right, unroll*m.width)
	})
	ahead.done()
	return sums
}

// edgeTile adds the tile in the buffer to the last columns of y.
func (m *multiplier) edgeTile(t tile) {
	buffer, y, rows := m.edgeBuffer(), m.copyOf(t.y), m.copyOf(t.height)
	edge := m.edge(t.columns)
	m.repeatTimes("edgeRow", rows, func() {
		sums := m.vectors(2)
		for part, sum := range sums {
			m.VMOVUPS(at(buffer, part*m.lanes), sum)
		}
		m.ifLater(func() {
			for part, sum := range sums {
				before := m.vector()
				edge.load(at(y, part*m.lanes), part, before)
				m.VADDPS(before, sum, sum)
			}
		})
		for part, sum := range sums {
			edge.store(sum, part, at(y, part*m.lanes))
		}
		m.advance(buffer, m.width)
		m.advance(y, m.product.columns)
	})
}

// edgeBuffer returns the address of the buffer for a tile at the right edge.
func (m *multiplier) edgeBuffer() reg.GPVirtual {
	p := m.load(m.buffers)
	m.advance(p, m.edgeAt)
	return p
}

// ifLater emits body to run for every block of the inner axis but the first.
func (m *multiplier) ifLater(body func()) {
	if m.inner <= m.depth {
		return
	}
	first := m.label("first")
	m.CMPQ(m.atBlock.left, operand.U32(m.inner))
	m.JEQ(first)
	body()
	m.Label(string(first))
}
