package goasm

import (
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// Sizes of the blocks that a product is computed in. A chunk of a's rows is packed for some steps
// of the inner axis, then one group of b's columns after the other; both stay in the second-level
// cache while tiles pass over them.
const (
	mostDepth    = 256
	groupColumns = 128
	mostRows     = 256
	unit         = 8 // columns, or steps of the inner axis, that are transposed at a time
	lineFloats   = 16
)

// blocking is how a product is cut on a machine.
type blocking struct {
	depth int // of a block, along the inner axis
	chunk int // rows, at most

	// Whether what is packed next of b is fetched while tiles are computed: where b is larger
	// than a core's caches.
	looksAhead bool

	tiling
	packing
}

// tiling is how the product of a chunk and a group is cut into tiles, whose sums fit into the
// registers. No code is emitted for tiles that no task has.
type tiling struct {
	width     int   // of a tile, and of a panel of packed columns
	heights   []int // that tiles may have, the highest first
	occur     []int // those that they have
	fullPanel bool  // some tiles have all columns of a panel
	partPanel bool  // some do not
}

// packing is where packed elements lie in the buffers: panels of columns, then rows if those are
// packed, too, then a tile at the right edge.
type packing struct {
	panel   int  // from a panel to the next
	packs   bool // a's rows, too
	leftRow int  // from a row of a tile to the next, packed or not
	leftAt  int  // of the packed rows
	edgeAt  int  // of the tile
}

// blockingOf chooses the blocks of a product.
func blockingOf(p product, m Machine) blocking {
	const cacheFloats = 1 << 17
	var b blocking
	b.chunk = ir.Ceil(p.rows, ir.Ceil(p.rows, mostRows))
	b.depth = ir.Ceil(ir.Ceil(p.inner, ir.Ceil(p.inner, mostDepth)), unit) * unit
	b.looksAhead = p.whole*p.columns > cacheFloats && p.inner%aheadLines == 0
	b.tiling = tilingOf(p.tasks, b.chunk, m)
	b.packing = b.packingOf(p)
	return b
}

func tilingOf(of tasks, chunk int, m Machine) tiling {
	t := tiling{width: 2 * m.lanes, heights: []int{(m.registers - 4) / 2}}
	for height := m.lanes / 2; height > 0; height /= 2 {
		t.heights = append(t.heights, height)
	}
	if of == (tasks{}) {
		t.occur, t.fullPanel, t.partPanel = t.heights, true, true
		return t
	}
	for _, rows := range of.taskRows {
		for ; rows > 0; rows -= chunk {
			for left := min(rows, chunk); left > 0; {
				height := t.heightOf(left)
				if !slices.Contains(t.occur, height) {
					t.occur = append(t.occur, height)
				}
				left -= height
			}
		}
	}
	slices.Sort(t.occur)
	slices.Reverse(t.occur)
	for _, columns := range of.taskColumns {
		t.fullPanel = t.fullPanel || columns >= t.width
		t.partPanel = t.partPanel || columns%t.width > 0
	}
	return t
}

// heightOf returns the height of the next tile where some rows are left: the highest that they
// fill, but two of the second height where few would remain after the highest, for low tiles leave
// the multipliers waiting for each other.
func (t *tiling) heightOf(rows int) int {
	if rows == 2*t.heights[1] {
		return t.heights[1]
	}
	for _, height := range t.heights {
		if rows >= height {
			return height
		}
	}
	return 1
}

func (b *blocking) packingOf(p product) packing {
	var at packing
	at.panel = b.depth*b.width + lineFloats // panels begin in different sets of the cache
	at.leftAt = groupColumns / b.width * at.panel
	at.edgeAt = at.leftAt
	at.leftRow, _ = p.leftStride()
	at.packs = p.transA || b.crowded(at.leftRow)
	if !at.packs {
		return at
	}
	at.leftRow = b.depth
	if !p.transA {
		at.leftRow += lineFloats
	}
	at.edgeAt += b.chunk * at.leftRow
	return at
}

// crowded reports whether the rows of a tile, which lie stride floats apart, do not fit into the
// first-level cache together: a set of it has some 8 ways, for lines 4 kB apart.
func (t *tiling) crowded(stride int) bool {
	const ways, apart = 8, 1 << 10 // in floats
	sets := apart / min(apart, stride&-stride)
	return t.heights[0] > ways*sets
}

// bufferFloats is the size of the buffers.
func (b *blocking) bufferFloats() int { return b.edgeAt + b.heights[0]*b.width }

// tasks is how many rows and columns of the result a task may have, zeros behind; all zeros if it
// may be any number.
type tasks struct{ taskRows, taskColumns [plan.MostSizes]int }

// tasksOf returns those of a step.
func tasksOf(s *plan.Step) tasks {
	var t tasks
	copy(t.taskRows[:], s.Cuts[0].Sizes())
	copy(t.taskColumns[:], s.Cuts[1].Sizes())
	return t
}
