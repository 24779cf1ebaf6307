package goasm

import (
	"math/bits"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tiles adds the products of a block for all rows of the task and the columns of this group.
func (m *multiplier) tiles() {
	rows := m.GP64()
	m.Load(m.Param("rows"), rows)
	m.MOVQ(rows, m.rowsLeft)
	m.copyWord(m.yGroup, m.yTile)
	m.copyWord(m.aBlock, m.aTile)

	next, atEdge, done := m.label("tile"), m.label("edge"), m.label("tileDone")
	m.Label(string(next))
	t := tile{y: m.GP64(), columns: m.GP64(), height: m.GP64()}
	starts := m.chooseHeight()
	for i, height := range m.heights {
		m.Label(string(starts[i]))
		m.tile(t, height, atEdge, done)
	}
	m.Label(string(atEdge))
	m.edgeTile(t)
	m.Label(string(done))
	row, _ := m.leftStride()
	forward := m.GP64()
	m.IMUL3Q(operand.U32(m.columns*floatBytes), t.height, forward)
	m.ADDQ(forward, m.yTile)
	m.IMUL3Q(operand.U32(row*floatBytes), t.height, forward)
	m.ADDQ(forward, m.aTile)
	m.SUBQ(t.height, m.rowsLeft)
	m.JG(next)
}

// chooseHeight jumps to one of the labels that it returns, one for each height: the highest that
// the rows fill, but two of the second height where few rows would remain after the highest, for
// low tiles leave the multipliers waiting for each other.
func (m *multiplier) chooseHeight() []operand.LabelRef {
	rows := m.load(m.rowsLeft)
	var starts []operand.LabelRef
	for range m.heights {
		starts = append(starts, m.label("height"))
	}
	m.CMPQ(rows, operand.U8(2*m.heights[1]))
	m.JEQ(starts[1])
	for i, height := range m.heights[:len(m.heights)-1] {
		m.CMPQ(rows, operand.U8(height))
		m.JGE(starts[i])
	}
	m.JMP(starts[len(starts)-1])
	return starts
}

// tile holds what the code for tiles of all heights shares: the addresses of the panel's first
// element of y, how many columns of the group are left, and the number of rows.
type tile struct{ y, columns, height reg.GPVirtual }

// tile computes a tile for all panels of the group and jumps to done, or to atEdge with the sums
// of the last panel in the buffer if some of its columns are missing.
func (m *multiplier) tile(t tile, height int, atEdge, done operand.LabelRef) {
	left := m.load(m.aTile)
	if m.transA {
		left = m.packLeft(height)
	}
	right := m.load(m.buffers)
	m.MOVQ(m.yTile, t.y)
	m.MOVQ(m.groupWidth, t.columns)
	panel, partial := m.label("panel"), m.label("partial")
	m.Label(string(panel))
	sums := m.sums(left, right, height)
	m.advance(right, m.panel)
	m.CMPQ(t.columns, operand.U8(m.width))
	m.JL(partial)
	place := func(i int) operand.Mem { return at(t.y, i/2*m.columns+i%2*m.lanes) }
	m.ifLater(func() {
		for i, sum := range sums {
			m.VADDPS(place(i), sum, sum)
		}
	})
	for i, sum := range sums {
		m.VMOVUPS(sum, place(i))
	}
	m.advance(t.y, m.width)
	m.SUBQ(operand.U8(m.width), t.columns)
	m.JNZ(panel)
	m.MOVQ(operand.U32(height), t.height)
	m.JMP(done)

	m.Label(string(partial))
	m.MOVQ(operand.U32(height), t.height)
	buffer := m.edgeBuffer()
	for i, sum := range sums {
		m.VMOVUPS(sum, at(buffer, i*m.lanes))
	}
	m.JMP(atEdge)
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
	unroll := 4
	for m.inner%unroll != 0 {
		unroll /= 2
	}
	if unroll > 1 {
		m.SHRQ(operand.U8(bits.Len(uint(unroll-1))), steps)
	}
	columns, v := m.vectors(2), m.vector()
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
		}
		m.advance(left, unroll*inner)
		m.advance(right, unroll*m.width)
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
