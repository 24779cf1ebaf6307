package goasm

import (
	"slices"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tile is what the code for tiles of all heights shares: the address of its first element of y in
// the panel, how many columns of the group are left, and its height.
type tile struct{ y, columns, height reg.GPVirtual }

func (m *multiplier) tile() tile { return tile{m.GP64(), m.GP64(), m.GP64()} }

// tiles adds the products of a block for the rows of this chunk and the columns of this group.
func (m *multiplier) tiles(b operand.Mem) {
	m.startAhead(b)
	packed := m.load(m.buffers)
	m.advance(packed, m.leftAt)
	m.MOVQ(packed, m.leftTile)
	t, atEdge := m.tile(), m.label("edge")
	m.overRows(t,
		func(height int) { m.tileOf(t, height, atEdge) },
		func() {
			if m.partial {
				m.Label(string(atEdge))
				m.edgeTile(t)
			}
		})
}

// overRows emits body for each height of a tile, in a loop over the rows of this chunk, and rest
// behind them all.
func (m *multiplier) overRows(t tile, body func(height int), rest func()) {
	m.copyWord(m.chunkRows, m.tileRows)
	m.copyWord(m.yGroup, m.yTile)
	m.copyWord(m.aBlock, m.aTile)
	next, done := m.label("tile"), m.label("tileDone")
	m.Label(string(next))
	for i, start := range m.chooseHeight() {
		m.Label(string(start))
		body(m.occur[i])
		m.MOVQ(operand.U32(m.occur[i]), t.height)
		m.JMP(done)
	}
	rest()
	m.Label(string(done))
	row, _ := m.leftStride()
	forward := m.GP64()
	m.IMUL3Q(operand.U32(m.columns*floatBytes), t.height, forward)
	m.ADDQ(forward, m.yTile)
	m.IMUL3Q(operand.U32(row*floatBytes), t.height, forward)
	m.ADDQ(forward, m.aTile)
	if m.transA {
		m.MOVQ(m.blockDepth, forward)
		m.IMULQ(t.height, forward)
		m.SHLQ(operand.U8(2), forward) // floatBytes each
		m.ADDQ(forward, m.leftTile)
	}
	m.SUBQ(t.height, m.tileRows)
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
	rows := m.load(m.tileRows)
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
	left := m.load(m.aTile)
	if m.transA {
		m.MOVQ(m.leftTile, left)
	}
	right := m.load(m.buffers)
	m.MOVQ(m.yTile, t.y)
	m.MOVQ(m.groupWidth, t.columns)
	panel, partial, done := m.label("panel"), m.label("partial"), m.label("panelsDone")
	m.Label(string(panel))
	sums := m.sums(left, right, height)
	if m.full {
		m.advance(right, m.panel)
		if m.partial {
			m.CMPQ(t.columns, operand.U8(m.width))
			m.JL(partial)
		}
		m.storeTile(t, sums)
		m.advance(t.y, m.width)
		m.SUBQ(operand.U8(m.width), t.columns)
		m.JNZ(panel)
		m.JMP(done)
	}
	if m.partial {
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
	row, inner := m.leftStride()
	if m.transA { // packed
		inner = height
	}
	sums := m.vectors(2 * height)
	for _, sum := range sums {
		m.zero(sum)
	}
	left, right = m.copyOf(left), m.copyOf(right)
	steps := m.load(m.blockDepth)
	columns, v := m.vectors(2), m.vector()
	ahead := m.ahead()
	m.repeatTimes("step", steps, func() {
		for i, column := range columns {
			m.VMOVUPS(at(right, i*m.lanes), column)
		}
		for i := range height {
			m.VBROADCASTSS(at(left, i*row), v)
			for part, column := range columns {
				m.VFMADD231PS(column, v, sums[2*i+part])
			}
		}
		ahead.step()
		m.advance(left, inner)
		m.advance(right, m.width)
	})
	return sums
}

// edgeTile adds the tile in the buffer to the last columns of y.
func (m *multiplier) edgeTile(t tile) {
	buffer, y, rows := m.edgeBuffer(), m.copyOf(t.y), m.copyOf(t.height)
	edge := m.edge(t.columns)
	m.repeatTimes("row", rows, func() {
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

// looksAhead reports whether the columns of b that are packed next are worth fetching while these
// are multiplied: those of a b that no near cache holds. Rows a multiple of a page apart would
// push each other out of the cache.
func (m *multiplier) looksAhead() bool {
	const nearFloats, pageFloats = 1 << 17, 1 << 10
	return m.whole*m.columns > nearFloats && max(m.rightStride())%pageFloats != 0
}

// startAhead looks at what is packed behind this block: of each row as many floats as a block is
// deep, one row for each tile and panel.
func (m *multiplier) startAhead(b operand.Mem) {
	if !m.looksAhead() {
		return
	}
	inner, column := m.rightStride()
	next := m.load(b)
	if m.transA || m.inner <= m.depth {
		m.advance(next, groupColumns*column)
	} else {
		m.advance(next, m.depth*inner)
	}
	m.MOVQ(next, m.bAhead)
}

// ahead is the address of the float to fetch, if any.
type ahead struct {
	*assembler
	p reg.GPVirtual
}

// ahead returns where to look ahead and moves on to the next row.
func (m *multiplier) ahead() ahead {
	if !m.looksAhead() {
		return ahead{}
	}
	p := m.load(m.bAhead)
	m.ADDQ(operand.U32(max(m.rightStride())*floatBytes), m.bAhead)
	return ahead{m.assembler, p}
}

// step fetches the line of a float into the second-level cache and moves on to the next float.
func (a ahead) step() {
	if a.p != nil {
		a.PREFETCHT1(at(a.p, 0))
		a.advance(a.p, 1)
	}
}

// ifLater emits body to run for every block of the inner axis but the first.
func (m *multiplier) ifLater(body func()) {
	if m.inner <= m.depth {
		return
	}
	first := m.label("first")
	m.CMPQ(m.innerLeft, operand.U32(m.inner))
	m.JEQ(first)
	body()
	m.Label(string(first))
}
