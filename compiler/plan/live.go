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

// Aligned returns how many bytes a buffer of n takes in the arena.
func (p *Program) Aligned(n int) int { return ir.Ceil(n, p.Alignment) * p.Alignment }

// Covered returns how many bytes the buffers cover, each place once. The buffers are in order of
// their offsets.
func (p *Program) Covered(buffers []*Buffer) int {
	n, end := 0, 0
	for _, b := range buffers {
		from := max(b.Offset, end)
		end = max(end, p.end(b))
		n += max(0, end-from)
	}
	return n
}

// Peak returns the step with the most bytes alive in the arena, the first of several, and how
// many that are: no arena for these steps can be smaller.
func (p *Program) Peak(infer bool) (step, bytes int) {
	for i := range p.Steps(infer) {
		if n := p.Covered(p.Live(infer, i)); n > bytes {
			step, bytes = i, n
		}
	}
	return step, bytes
}

// ArenaSize returns the bytes of the arena that the steps use.
func (p *Program) ArenaSize(infer bool) int {
	size := 0
	for _, b := range p.Buffers {
		if b.Space == Arena && b.Infer == infer {
			size = max(size, p.end(b))
		}
	}
	return size
}

// end returns where the next buffer may begin.
func (p *Program) end(b *Buffer) int { return b.Offset + p.Aligned(b.Size) }
