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
	for _, word := range []struct {
		at    *operand.Mem
		holds string
	}{
		{&f.buffers, "packed columns"},
		{&f.atChunk.left, "rows left"}, {&f.atGroup.left, "columns left"},
		{&f.atBlock.left, "steps left"},
		{&f.atChunk.size, "rows"}, {&f.atGroup.size, "columns"}, {&f.atBlock.size, "steps"},
		{&f.atChunk.y, "y of the chunk"}, {&f.atChunk.a, "a of the chunk"}, {&f.atChunk.b, "b"},
		{&f.atGroup.y, "y of the group"}, {&f.atGroup.b, "b of the group"},
		{&f.atBlock.a, "a of the block"}, {&f.atBlock.b, "b of the block"},
		{&f.fetched.first, "first to fetch"}, {&f.fetched.row, "next to fetch"},
		{&f.fetched.left, "rows to fetch"}, {&f.fetched.line, "their lines fetched"},
		{&f.atTile.left, "rows of the chunk left"}, {&f.atTile.y, "y of the tile"},
		{&f.atTile.a, "a of the tile"}, {&f.atTile.packed, "packed rows of the tile"},
	} {
		*word.at = a.AllocLocal(8)
		a.holds(word.holds, *word.at)
	}
	return f
}

// load returns a new register with the content of a word.
func (m *multiplier) load(word operand.Mem) reg.GPVirtual {
	r := m.a.GP64()
	m.a.MOVQ(word, r)
	return r
}

// forward moves the address in a word by a number of floats.
func (m *multiplier) forward(word operand.Mem, floats int) {
	m.a.ADDQ(operand.U32(floats*floatBytes), word)
}

func (m *multiplier) copyWord(from, to operand.Mem) { m.a.MOVQ(m.load(from), to) }

func (m *multiplier) copyPointer(param string, to operand.Mem) { m.a.MOVQ(m.a.pointer(param), to) }
