package goasm

import (
	"math/bits"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// packRight copies a block of a group of b's columns to the buffers, in panels that each hold
//
//	packed[k][column] = b[k,column]
//
// What is missing of the last panel is 0, or of an earlier block: it is not looked at.
func (m *multiplier) packRight() {
	m.phase("pack columns of b")
	if m.transB {
		m.packColumns(m.atGroup.b)
		return
	}
	inner, _ := m.rightStride()
	m.packRows(m.load(m.atGroup.b), inner, m.atBlock.size, m.atGroup.size,
		m.load(m.buffers), m.width, m.panel)
}

// packRows copies some rows of a matrix, which lie stride floats apart, cut into pieces of a
// panel's width. In the buffers, the pieces of a row lie some floats apart, and rows some more or
// less.
func (m *multiplier) packRows(
	row reg.GPVirtual, stride int, rows, width operand.Mem,
	packed reg.GPVirtual, packedStride, pieces int,
) {
	count, floats := m.load(rows), m.load(width)
	rest := m.copyOf(floats)
	m.ANDQ(operand.U8(m.width-1), rest)
	edge := m.edge(rest)
	m.repeatTimes("pack", count, func() {
		from, to, n := m.copyOf(row), m.copyOf(packed), m.copyOf(floats)
		full, partial, done := m.label("full"), m.label("partial"), m.label("packed")
		m.Label(string(full))
		m.SUBQ(operand.U8(m.width), n)
		m.JL(partial)
		for part := range 2 {
			v := m.vector()
			m.VMOVUPS(at(from, part*m.lanes), v)
			m.VMOVUPS(v, at(to, part*m.lanes))
		}
		m.advance(from, m.width)
		m.advance(to, pieces)
		m.JMP(full)
		m.Label(string(partial))
		m.TESTQ(rest, rest)
		m.JZ(done)
		for part := range 2 {
			v := m.vector()
			edge.load(at(from, part*m.lanes), part, v)
			m.VMOVUPS(v, at(to, part*m.lanes))
		}
		m.Label(string(done))
		m.advance(row, stride)
		m.advance(packed, packedStride)
	})
}

// packColumns packs a b whose rows are columns of the product: squares of it are transposed.
func (m *multiplier) packColumns(b operand.Mem) {
	m.clearLastPanel()
	row, packed, packedColumns := m.load(b), m.load(m.buffers), m.GP64()
	m.XORQ(packedColumns, packedColumns)
	next, rest, end := m.label("unit"), m.label("others"), m.label("packed")
	_, stride := m.rightStride()
	m.Label(string(next))
	left := m.load(m.atGroup.size)
	m.SUBQ(packedColumns, left)
	m.CMPQ(left, operand.U8(unit))
	m.JL(rest)
	m.packUnit(row, packed)
	m.advance(row, unit*stride)
	m.advance(packed, unit)
	m.ADDQ(operand.U8(unit), packedColumns)
	m.TESTQ(operand.U32(m.width-1), packedColumns)
	m.JNZ(next)
	m.advance(packed, m.panel-m.width)
	m.JMP(next)
	m.Label(string(rest))
	m.TESTQ(left, left)
	m.JZ(end)
	m.scatter(row, packed, left, m.load(m.atBlock.size))
	m.Label(string(end))
}

// clearLastPanel sets the last panel to zeros if some of its columns are missing.
func (m *multiplier) clearLastPanel() {
	end := m.label("whole")
	width := m.load(m.atGroup.size)
	m.TESTQ(operand.U32(m.width-1), width)
	m.JZ(end)
	m.SHRQ(operand.U8(bits.Len(uint(m.width-1))), width)
	m.IMUL3Q(operand.U32(m.panel*floatBytes), width, width)
	m.ADDQ(m.buffers, width)
	zero := m.vector()
	m.zero(zero)
	m.repeatTimes("clear", m.load(m.atBlock.size), func() {
		m.VMOVUPS(zero, at(width, 0))
		m.VMOVUPS(zero, at(width, m.lanes))
		m.advance(width, m.width)
	})
	m.Label(string(end))
}

// packUnit packs 8 columns, which lie in rows from row on.
func (m *multiplier) packUnit(row, packed reg.GPVirtual) {
	from, to, steps := m.copyOf(row), m.copyOf(packed), m.load(m.atBlock.size)
	m.SHRQ(operand.U8(bits.Len(unit-1)), steps)
	rest, end := m.label("tail"), m.label("whole")
	if m.inner < unit {
		m.JZ(rest)
	}
	m.repeatTimes("square", steps, func() {
		m.transpose(from, to)
		m.advance(from, unit)
		m.advance(to, unit*m.width)
	})
	if m.inner%unit == 0 {
		return
	}
	m.Label(string(rest))
	left, columns := m.load(m.atBlock.size), m.GP64()
	m.ANDQ(operand.U8(unit-1), left)
	m.JZ(end)
	m.MOVQ(operand.U32(unit), columns)
	m.scatter(from, to, columns, left)
	m.Label(string(end))
}

// transpose copies 8x8 floats, so that rows become columns.
func (m *multiplier) transpose(from, to reg.GPVirtual) {
	_, stride := m.rightStride()
	const half = unit / 2
	for step := 0; step < unit; step += half {
		rows := make([]reg.VecVirtual, half) // each two rows side by side, 4 steps of them
		for i := range rows {
			rows[i] = m.YMM()
			m.VBROADCASTF128(at(from, i*stride+step), rows[i])
			m.VINSERTF128(operand.U8(1), at(from, (i+half)*stride+step), rows[i], rows[i])
		}
		var pairs [half]reg.VecVirtual // rows 0, 1 and 2, 3, steps 0, 1 and 2, 3
		for i := range pairs {
			pairs[i] = m.YMM()
		}
		m.VUNPCKLPS(rows[1], rows[0], pairs[0])
		m.VUNPCKHPS(rows[1], rows[0], pairs[1])
		m.VUNPCKLPS(rows[3], rows[2], pairs[2])
		m.VUNPCKHPS(rows[3], rows[2], pairs[3])
		for i := range half {
			column := m.YMM()
			if i%2 == 0 {
				m.VUNPCKLPD(pairs[2+i/2], pairs[i/2], column)
			} else {
				m.VUNPCKHPD(pairs[2+i/2], pairs[i/2], column)
			}
			m.VMOVUPS(column, at(to, (step+i)*m.width))
		}
	}
}

// scatter copies some columns float by float.
func (m *multiplier) scatter(row, packed, columns, steps reg.GPVirtual) {
	_, stride := m.rightStride()
	m.repeatTimes("scattered", columns, func() {
		from, to := m.copyOf(row), m.copyOf(packed)
		m.repeatTimes("float", m.copyOf(steps), func() {
			v := m.GP32()
			m.MOVL(at(from, 0), v)
			m.MOVL(v, at(to, 0))
			m.advance(from, 1)
			m.advance(to, m.width)
		})
		m.advance(row, stride)
		m.advance(packed, 1)
	})
}

// packLeft copies a block of a chunk of rows to the buffers: rows that lie as far apart as in a
// large matrix would push each other out of the cache. Each tile of it holds
//
//	packed[k][row] = a[row,k]
//
// if a lies transposed, else packed[row][k], with the rows leftRow apart.
func (m *multiplier) packLeft() {
	m.phase("pack rows of a")
	packed := m.load(m.buffers)
	m.advance(packed, m.leftAt)
	if !m.transA {
		row, _ := m.leftStride()
		m.packRows(m.load(m.atBlock.a), row, m.atChunk.size, m.atBlock.size, packed, m.leftRow, m.width)
		return
	}
	m.MOVQ(packed, m.atTile.packed)
	t := m.tile()
	m.overRows(t, func(height int) {
		from, to := m.load(m.atTile.a), m.load(m.atTile.packed)
		m.repeatTimes("pack", m.load(m.atBlock.size), func() {
			for row := 0; row < height; {
				row += m.copyPart(height-row, at(from, row), at(to, row))
			}
			m.advance(from, m.rows)
			m.advance(to, height)
		})
	}, func() {})
}

// copyPart copies as many of n floats as one register holds and returns their number.
func (m *multiplier) copyPart(n int, from, to operand.Mem) int {
	v := m.XMM()
	switch {
	case n >= 8:
		v := m.YMM()
		m.VMOVUPS(from, v)
		m.VMOVUPS(v, to)
		return 8
	case n >= 4:
		m.VMOVUPS(from, v)
		m.VMOVUPS(v, to)
		return 4
	case n >= 2:
		m.VMOVSD(from, v)
		m.VMOVSD(v, to)
		return 2
	}
	m.VMOVSS(from, v)
	m.VMOVSS(v, to)
	return 1
}
