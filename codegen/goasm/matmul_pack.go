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
	m.a.phase("pack columns of b")
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
	rest := m.a.copyOf(floats)
	m.a.ANDQ(operand.U8(m.width-1), rest)
	edge := m.a.edge(rest)
	m.a.repeatTimes("pack", count, func() {
		from, to, n := m.a.copyOf(row), m.a.copyOf(packed), m.a.copyOf(floats)
		full, partial, done := m.a.label("full"), m.a.label("partial"), m.a.label("packed")
		m.a.Label(string(full))
		m.a.SUBQ(operand.U8(m.width), n)
		m.a.JL(partial)
		for part := range 2 {
			v := m.a.vector()
			m.a.VMOVUPS(at(from, part*m.a.lanes), v)
			m.a.VMOVUPS(v, at(to, part*m.a.lanes))
		}
		m.a.advance(from, m.width)
		m.a.advance(to, pieces)
		m.a.JMP(full)
		m.a.Label(string(partial))
		m.a.TESTQ(rest, rest)
		m.a.JZ(done)
		for part := range 2 {
			v := m.a.vector()
			edge.load(at(from, part*m.a.lanes), part, v)
			m.a.VMOVUPS(v, at(to, part*m.a.lanes))
		}
		m.a.Label(string(done))
		m.a.advance(row, stride)
		m.a.advance(packed, packedStride)
	})
}

// packColumns packs a b whose rows are columns of the product: squares of it are transposed.
func (m *multiplier) packColumns(b operand.Mem) {
	m.clearLastPanel()
	row, packed, packedColumns := m.load(b), m.load(m.buffers), m.a.GP64()
	m.a.XORQ(packedColumns, packedColumns)
	next, rest, end := m.a.label("unit"), m.a.label("others"), m.a.label("packed")
	_, stride := m.rightStride()
	m.a.Label(string(next))
	left := m.load(m.atGroup.size)
	m.a.SUBQ(packedColumns, left)
	m.a.CMPQ(left, operand.U8(unit))
	m.a.JL(rest)
	m.packUnit(row, packed)
	m.a.advance(row, unit*stride)
	m.a.advance(packed, unit)
	m.a.ADDQ(operand.U8(unit), packedColumns)
	m.a.TESTQ(operand.U32(m.width-1), packedColumns)
	m.a.JNZ(next)
	m.a.advance(packed, m.panel-m.width)
	m.a.JMP(next)
	m.a.Label(string(rest))
	m.a.TESTQ(left, left)
	m.a.JZ(end)
	m.scatter(row, packed, left, m.load(m.atBlock.size))
	m.a.Label(string(end))
}

// clearLastPanel sets the last panel to zeros if some of its columns are missing.
func (m *multiplier) clearLastPanel() {
	end := m.a.label("whole")
	width := m.load(m.atGroup.size)
	m.a.TESTQ(operand.U32(m.width-1), width)
	m.a.JZ(end)
	m.a.SHRQ(operand.U8(bits.Len(uint(m.width-1))), width)
	m.a.IMUL3Q(operand.U32(m.panel*floatBytes), width, width)
	m.a.ADDQ(m.buffers, width)
	zero := m.a.vector()
	m.a.zero(zero)
	m.a.repeatTimes("clear", m.load(m.atBlock.size), func() {
		m.a.VMOVUPS(zero, at(width, 0))
		m.a.VMOVUPS(zero, at(width, m.a.lanes))
		m.a.advance(width, m.width)
	})
	m.a.Label(string(end))
}

// packUnit packs 8 columns, which lie in rows from row on.
func (m *multiplier) packUnit(row, packed reg.GPVirtual) {
	from, to, steps := m.a.copyOf(row), m.a.copyOf(packed), m.load(m.atBlock.size)
	m.a.SHRQ(operand.U8(bits.Len(unit-1)), steps)
	rest, end := m.a.label("tail"), m.a.label("whole")
	if m.inner < unit {
		m.a.JZ(rest)
	}
	m.a.repeatTimes("square", steps, func() {
		m.transpose(from, to)
		m.a.advance(from, unit)
		m.a.advance(to, unit*m.width)
	})
	if m.inner%unit == 0 {
		return
	}
	m.a.Label(string(rest))
	left, columns := m.load(m.atBlock.size), m.a.GP64()
	m.a.ANDQ(operand.U8(unit-1), left)
	m.a.JZ(end)
	m.a.MOVQ(operand.U32(unit), columns)
	m.scatter(from, to, columns, left)
	m.a.Label(string(end))
}

// transpose copies 8x8 floats, so that rows become columns.
func (m *multiplier) transpose(from, to reg.GPVirtual) {
	_, stride := m.rightStride()
	const half = unit / 2
	for step := 0; step < unit; step += half {
		rows := make([]reg.VecVirtual, half) // each two rows side by side, 4 steps of them
		for i := range rows {
			rows[i] = m.a.YMM()
			m.a.VBROADCASTF128(at(from, i*stride+step), rows[i])
			m.a.VINSERTF128(operand.U8(1), at(from, (i+half)*stride+step), rows[i], rows[i])
		}
		var pairs [half]reg.VecVirtual // rows 0, 1 and 2, 3, steps 0, 1 and 2, 3
		for i := range pairs {
			pairs[i] = m.a.YMM()
		}
		m.a.VUNPCKLPS(rows[1], rows[0], pairs[0])
		m.a.VUNPCKHPS(rows[1], rows[0], pairs[1])
		m.a.VUNPCKLPS(rows[3], rows[2], pairs[2])
		m.a.VUNPCKHPS(rows[3], rows[2], pairs[3])
		for i := range half {
			column := m.a.YMM()
			if i%2 == 0 {
				m.a.VUNPCKLPD(pairs[2+i/2], pairs[i/2], column)
			} else {
				m.a.VUNPCKHPD(pairs[2+i/2], pairs[i/2], column)
			}
			m.a.VMOVUPS(column, at(to, (step+i)*m.width))
		}
	}
}

// scatter copies some columns float by float.
func (m *multiplier) scatter(row, packed, columns, steps reg.GPVirtual) {
	_, stride := m.rightStride()
	m.a.repeatTimes("scattered", columns, func() {
		from, to := m.a.copyOf(row), m.a.copyOf(packed)
		m.a.repeatTimes("float", m.a.copyOf(steps), func() {
			v := m.a.GP32()
			m.a.MOVL(at(from, 0), v)
			m.a.MOVL(v, at(to, 0))
			m.a.advance(from, 1)
			m.a.advance(to, m.width)
		})
		m.a.advance(row, stride)
		m.a.advance(packed, 1)
	})
}

// packLeft copies a block of a chunk of rows to the buffers: rows that lie as far apart as in a
// large matrix would push each other out of the cache. Each tile of it holds
//
//	packed[k][row] = a[row,k]
//
// if a lies transposed, else packed[row][k], with the rows leftRow apart.
func (m *multiplier) packLeft() {
	m.a.phase("pack rows of a")
	packed := m.load(m.buffers)
	m.a.advance(packed, m.leftAt)
	if !m.transA {
		row, _ := m.leftStride()
		m.packRows(m.load(m.atBlock.a), row, m.atChunk.size, m.atBlock.size, packed, m.leftRow, m.width)
		return
	}
	m.a.MOVQ(packed, m.atTile.packed)
	t := m.tile()
	m.overRows(t, func(height int) {
		from, to := m.load(m.atTile.a), m.load(m.atTile.packed)
		m.a.repeatTimes("pack", m.load(m.atBlock.size), func() {
			for row := 0; row < height; {
				row += m.copyPart(height-row, at(from, row), at(to, row))
			}
			m.a.advance(from, m.rows)
			m.a.advance(to, height)
		})
	}, func() {})
}

// copyPart copies as many of n floats as one register holds and returns their number.
func (m *multiplier) copyPart(n int, from, to operand.Mem) int {
	v := m.a.XMM()
	switch {
	case n >= 8:
		v := m.a.YMM()
		m.a.VMOVUPS(from, v)
		m.a.VMOVUPS(v, to)
		return 8
	case n >= 4:
		m.a.VMOVUPS(from, v)
		m.a.VMOVUPS(v, to)
		return 4
	case n >= 2:
		m.a.VMOVSD(from, v)
		m.a.VMOVSD(v, to)
		return 2
	}
	m.a.VMOVSS(from, v)
	m.a.VMOVSS(v, to)
	return 1
}
