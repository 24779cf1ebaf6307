package goasm

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// frame is what a product keeps in words on the stack, for it changes slowly: the registers are
// left to the innermost loops.
type frame struct {
	buffers                           operand.Mem // address of the packed columns
	atChunk, atBlock, atGroup, atTile part
	fetched                           fetches
}

// part is where the loop over one axis is: words for how much of the axis is left from here on, how
// much of that this round takes, and for the addresses of its first elements of y, a, b and of
// packed rows, as far as they are of use.
type part struct{ left, size, y, a, b, packed operand.Mem }

// fetches is where the fetching of columns is, see matmul_ahead.go.
type fetches struct {
	first, row operand.Mem // addresses: of all that is to be fetched, of the next row
	left, line operand.Mem // rows left, and which of their lines are fetched
}

// newFrame reserves the words.
func newFrame(a *assembler) frame {
	var f frame
	for _, word := range []*operand.Mem{&f.buffers,
		&f.atChunk.left, &f.atGroup.left, &f.atBlock.left,
		&f.atChunk.size, &f.atGroup.size, &f.atBlock.size,
		&f.atChunk.y, &f.atChunk.a, &f.atChunk.b, &f.atGroup.y, &f.atGroup.b,
		&f.atBlock.a, &f.atBlock.b,
		&f.fetched.first, &f.fetched.row, &f.fetched.left, &f.fetched.line,
		&f.atTile.left, &f.atTile.y, &f.atTile.a, &f.atTile.packed} {
		*word = a.AllocLocal(8)
	}
	return f
}

// load returns a new register with the content of a word.
func (m *multiplier) load(word operand.Mem) reg.GPVirtual {
	r := m.GP64()
	m.MOVQ(word, r)
	return r
}

// forward moves the address in a word by a number of floats.
func (m *multiplier) forward(word operand.Mem, floats int) {
	m.ADDQ(operand.U32(floats*floatBytes), word)
}

func (m *multiplier) copyWord(from, to operand.Mem) { m.MOVQ(m.load(from), to) }

func (m *multiplier) copyPointer(param string, to operand.Mem) { m.MOVQ(m.pointer(param), to) }
