package goasm

import (
	"math"
	"strconv"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// product is a product of matrices, of which one may lie transposed, or a part of it along k:
//
//	y[m,n] = Σ_k a[m,k]·b[k,n]
type product struct {
	rows, inner, columns int
	whole                int // length of the inner axis in memory, of which inner may be a part
	transA, transB       bool
	tasks
}

func matmulTwin(s *plan.Step, out ir.Type) function {
	if p, ok := productOf(s.Kernel, out, max(1, s.Split)); ok {
		p.tasks = tasksOf(s)
		return p
	}
	return nil
}

// productOf reads a product, cut into parts along the inner axis, off a kernel whose result lies
// as y. It reports false where there is no assembly for it: both factors transposed, or a matrix
// too wide for offsets of 32 bits.
func productOf(k *plan.Kernel, y ir.Type, parts int) (product, bool) {
	p := product{rows: y.Shape[0], columns: y.Shape[1], whole: k.Args[0].Type.Shape[1],
		transA: k.Attrs.Bool("trans_a"), transB: k.Attrs.Bool("trans_b")}
	if p.transA {
		p.whole = k.Args[0].Type.Shape[0]
	}
	p.inner = p.whole / parts
	widest := max(p.rows, p.whole, p.columns)
	return p, !(p.transA && p.transB) && widest <= math.MaxInt32/(floatBytes*mostDepth)
}

// leftStride returns how far apart in a the rows and the steps of the inner axis are.
func (p product) leftStride() (row, inner int) {
	if p.transA {
		return 1, p.rows
	}
	return p.whole, 1
}

// rightStride returns how far apart in b the steps of the inner axis and the columns are.
func (p product) rightStride() (inner, column int) {
	if p.transB {
		return 1, p.whole
	}
	return p.columns, 1
}

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

// multiplier emits one product. What changes slowly lies in words on the stack, to leave the
// registers to the innermost loops.
type multiplier struct {
	*assembler
	product
	depth   int   // of a block, along the inner axis
	chunk   int   // rows, at most
	packs   bool  // a's rows, too
	leftRow int   // from a row of a tile to the next, packed or not
	heights []int // of the tiles, which fit into the registers; the highest first
	occur   []int // those that tiles have
	full    bool  // some tiles have all columns of a panel
	partial bool  // some do not
	width   int   // of a tile, and of a panel of packed columns
	panel   int   // from a packed panel to the next
	leftAt  int   // of the packed rows, behind the packed columns
	edgeAt  int   // of a tile at the right edge, behind these

	buffers                           operand.Mem // address of the packed columns
	rowsLeft, columnsLeft, innerLeft  operand.Mem // from this chunk, group, block on
	chunkRows, groupWidth, blockDepth operand.Mem
	yChunk, aChunk, bFirst            operand.Mem // addresses of the first element
	yGroup, bGroup                    operand.Mem
	aBlock, bBlock                    operand.Mem
	aheadFirst, aheadRow              operand.Mem // addresses to fetch
	aheadLeft, aheadLine              operand.Mem // rows left, which of their lines
	tileRows, yTile, aTile, leftTile  operand.Mem // from this tile on
}

// emit emits func name(y, a, b []float32, rows, cols int). Every element of y is the sum, in
// order, of the sums over the blocks of the inner axis, wherever in a tile or task it lies.
func (p product) emit(a *assembler, name string) {
	a.Function(name)
	a.SignatureExpr("func(y, a, b []float32, rows, cols int)")
	m := a.multiplier(p)
	end := m.label("end")
	m.start(end)
	m.again("chunk", m.rowsLeft, m.chunk, p.rows, func() {
		m.MOVQ(m.least(m.rowsLeft, m.chunk), m.chunkRows)
		m.chunkOf()
		row, _ := p.leftStride()
		m.ADDQ(operand.U32(m.chunk*p.columns*floatBytes), m.yChunk)
		m.ADDQ(operand.U32(m.chunk*row*floatBytes), m.aChunk)
	})
	a.Label(string(end))
	a.done()
}

// chunkOf computes a chunk of rows.
func (m *multiplier) chunkOf() {
	m.blocks(func() {
		if m.packs {
			m.packLeft()
		}
		m.groups(func() {
			m.packRight()
			m.tiles()
		})
	})
}

// groups emits body in a loop over groups of columns.
func (m *multiplier) groups(body func()) {
	columns := m.GP64()
	m.Load(m.Param("cols"), columns)
	m.MOVQ(columns, m.columnsLeft)
	m.copyWord(m.yChunk, m.yGroup)
	m.copyWord(m.bBlock, m.bGroup)
	_, step := m.rightStride()
	m.again("group", m.columnsLeft, groupColumns, m.columns, func() {
		m.MOVQ(m.least(m.columnsLeft, groupColumns), m.groupWidth)
		body()
		m.ADDQ(operand.U32(groupColumns*floatBytes), m.yGroup)
		m.ADDQ(operand.U32(groupColumns*step*floatBytes), m.bGroup)
	})
}

// blocks emits body in a loop over blocks of the inner axis.
func (m *multiplier) blocks(body func()) {
	m.MOVQ(operand.U32(m.inner), m.innerLeft)
	m.copyWord(m.aChunk, m.aBlock)
	m.copyWord(m.bFirst, m.bBlock)
	_, aStep := m.leftStride()
	bStep, _ := m.rightStride()
	m.again("block", m.innerLeft, m.depth, m.inner, func() {
		m.MOVQ(m.least(m.innerLeft, m.depth), m.blockDepth)
		body()
		m.ADDQ(operand.U32(m.depth*aStep*floatBytes), m.aBlock)
		m.ADDQ(operand.U32(m.depth*bStep*floatBytes), m.bBlock)
	})
}

// multiplier chooses the blocks of a product and reserves the stack.
func (a *assembler) multiplier(p product) *multiplier {
	m := &multiplier{assembler: a, product: p, width: 2 * a.lanes}
	m.chunk = ir.Ceil(p.rows, ir.Ceil(p.rows, mostRows))
	blocks := (p.inner + mostDepth - 1) / mostDepth
	m.depth = (p.inner + blocks - 1) / blocks
	m.depth = (m.depth + unit - 1) / unit * unit
	m.heights = []int{(a.registers - 4) / 2}
	for height := a.lanes / 2; height > 0; height /= 2 {
		m.heights = append(m.heights, height)
	}
	m.panel = m.depth*m.width + lineFloats // panels begin in different sets of the cache
	m.leftAt = groupColumns / m.width * m.panel
	m.edgeAt = m.leftAt
	row, _ := p.leftStride()
	m.packs, m.leftRow = p.transA || m.crowded(row), row
	if m.packs {
		m.leftRow = m.depth
		if !p.transA {
			m.leftRow += lineFloats
		}
		m.edgeAt += m.chunk * m.leftRow
	}
	m.findTiles()
	for _, word := range []*operand.Mem{&m.buffers, &m.rowsLeft, &m.columnsLeft, &m.innerLeft,
		&m.chunkRows, &m.groupWidth, &m.blockDepth, &m.yChunk, &m.aChunk, &m.bFirst,
		&m.yGroup, &m.bGroup,
		&m.aBlock, &m.bBlock, &m.aheadFirst, &m.aheadRow, &m.aheadLeft, &m.aheadLine, &m.tileRows, &m.yTile, &m.aTile, &m.leftTile} {
		*word = a.AllocLocal(8)
	}
	return m
}

// crowded reports whether the rows of a tile, which lie stride floats apart, do not fit into the
// first-level cache together: a set of it has some 8 ways, for lines 4 kB apart.
func (m *multiplier) crowded(stride int) bool {
	const ways, apart = 8, 1 << 10 // in floats
	sets := apart / min(apart, stride&-stride)
	return m.heights[0] > ways*sets
}

// start prepares the loop over the chunks; it jumps to end if there is nothing to compute.
func (m *multiplier) start(end operand.LabelRef) {
	buffers := m.alignedLocal((m.edgeAt + m.heights[0]*m.width) * floatBytes)
	m.MOVQ(buffers.Base, m.buffers)
	for _, name := range []string{"cols", "rows"} {
		n := m.GP64()
		m.Load(m.Param(name), n)
		m.TESTQ(n, n)
		m.JLE(end)
		m.MOVQ(n, m.rowsLeft)
	}
	m.copyPointer("y", m.yChunk)
	m.copyPointer("a", m.aChunk)
	m.copyPointer("b", m.bFirst)
}

// again emits body in a loop while a word is positive, which goes down by step each time from at
// most most.
func (m *multiplier) again(name string, word operand.Mem, step, most int, body func()) {
	if most <= step {
		body()
		return
	}
	start := m.label(name)
	m.Label(string(start))
	body()
	m.SUBQ(operand.U32(step), word)
	m.JG(start)
}

// load returns a new register with the content of a word.
func (m *multiplier) load(word operand.Mem) reg.GPVirtual {
	r := m.GP64()
	m.MOVQ(word, r)
	return r
}

func (m *multiplier) copyWord(from, to operand.Mem) { m.MOVQ(m.load(from), to) }

func (m *multiplier) copyPointer(param string, to operand.Mem) { m.MOVQ(m.pointer(param), to) }

// label returns a label that no other bears.
func (m *multiplier) label(name string) operand.LabelRef {
	m.labels++
	return operand.LabelRef(name + strconv.Itoa(m.labels))
}
