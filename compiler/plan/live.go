package plan

import (
	"cmp"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
)

// Live returns the buffers in the arena that hold something while step i runs, in order of their
// offsets.
func (p *Program) Live(infer bool, i int) []*Buffer {
	var list []*Buffer
	for _, b := range p.Buffers {
		if b.Space == Arena && b.Infer == infer && b.First <= i && i <= b.Last {
			list = append(list, b)
		}
	}
	slices.SortFunc(list, func(a, b *Buffer) int { return cmp.Compare(a.Offset, b.Offset) })
	return list
}

// Covered returns how many floats the buffers cover, each place once. The buffers are in order of
// their offsets; each ends with whole lanes.
func Covered(buffers []*Buffer) int {
	n, end := 0, 0
	for _, b := range buffers {
		from := max(b.Offset, end)
		end = max(end, b.end())
		n += max(0, end-from)
	}
	return n
}

// Peak returns the step with the most floats alive in the arena, the first of several, and how
// many that are: no arena for these steps can be smaller.
func (p *Program) Peak(infer bool) (step, floats int) {
	for i := range p.Steps(infer) {
		if n := Covered(p.Live(infer, i)); n > floats {
			step, floats = i, n
		}
	}
	return step, floats
}

// ArenaSize returns the floats of the arena that the steps use.
func (p *Program) ArenaSize(infer bool) int {
	size := 0
	for _, b := range p.Buffers {
		if b.Space == Arena && b.Infer == infer {
			size = max(size, b.end())
		}
	}
	return size
}

// end returns where the next buffer may begin: with whole lanes.
func (b *Buffer) end() int { return b.Offset + (b.Size+ir.Lanes-1)/ir.Lanes*ir.Lanes }
