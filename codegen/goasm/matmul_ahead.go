package goasm

import (
	"slices"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// This file fetches what is packed next of b while tiles are computed, where b is larger than a
// core's caches. What is fetched is a number of rows of b as they lie, for each step of the innermost
// loop a line of one of them; when it has been to all rows, the next lines of these.

const (
	aheadLines = 2 // of a row, before the next row
	aheadBytes = aheadLines * lineFloats * floatBytes
)

// aheadSize returns how many rows are packed at a time, and the bytes that it takes of each.
func (m *multiplier) aheadSize() (rows, bytes int) {
	if m.transB {
		return groupColumns, m.depth * floatBytes
	}
	return m.depth, groupColumns * floatBytes
}

// startAhead begins with what is packed behind this block: the next group, or the next block.
func (m *multiplier) startAhead() {
	if !m.looksAhead {
		return
	}
	inner, column := m.rightStride()
	next := m.load(m.atGroup.b)
	if m.inner <= m.depth || slices.Max(m.taskColumns[:]) > groupColumns {
		m.a.advance(next, groupColumns*column)
	} else {
		m.a.advance(next, m.depth*inner)
	}
	m.a.MOVQ(next, m.fetched.first)
	m.a.MOVQ(operand.U32(0), m.fetched.left)
	m.a.MOVQ(operand.I32(-aheadBytes), m.fetched.line)
}

// ahead is the address of the next line to fetch, if any.
type ahead struct {
	*multiplier
	p reg.GPVirtual
}

// ahead returns where to go on.
func (m *multiplier) ahead() ahead {
	if !m.looksAhead {
		return ahead{}
	}
	rows, bytes := m.aheadSize()
	p, line, more, found := m.load(m.fetched.row), m.a.GP64(), m.a.label("ahead"), m.a.label("found")
	m.a.CMPQ(m.fetched.left, operand.I8(0))
	m.a.JG(more)
	m.a.MOVQ(operand.U32(rows), m.fetched.left)
	m.a.MOVQ(m.fetched.first, p)
	m.a.MOVQ(m.fetched.line, line)
	m.a.ADDQ(operand.U32(aheadBytes), line)
	m.a.CMPQ(line, operand.U32(bytes))
	m.a.JL(found)
	m.a.XORQ(line, line) // all are there
	m.a.Label(string(found))
	m.a.MOVQ(line, m.fetched.line)
	m.a.ADDQ(line, p)
	m.a.Label(string(more))
	return ahead{m, p}
}

// fetch fetches a line into the second-level cache.
func (a ahead) fetch(line int) {
	if a.p != nil {
		a.a.PREFETCHT1(at(a.p, line*lineFloats))
	}
}

// next moves on to the next row.
func (a ahead) next() {
	if a.p != nil {
		a.a.advance(a.p, max(a.rightStride()))
	}
}

// done remembers where to go on.
func (a ahead) done() {
	if a.p == nil {
		return
	}
	steps := a.load(a.atBlock.size)
	a.a.SHRQ(operand.U8(1), steps)
	a.a.SUBQ(steps, a.fetched.left)
	a.a.MOVQ(a.p, a.fetched.row)
}
