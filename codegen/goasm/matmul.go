package goasm

import (
	"math"

	"github.com/mmcloughlin/avo/operand"

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

// formula returns the definition, with the axes of the factors in the order that they have in memory.
func (p product) formula() string {
	a, b := "a[m,k]", "b[k,n]"
	if p.transA {
		a = "a[k,m]"
	}
	if p.transB {
		b = "b[n,k]"
	}
	return "y[m,n] = Σ_k " + a + "·" + b
}

// multiplier prints one product, cut as its blocking says.
type multiplier struct {
	a *assembler
	product
	blocking
	frame
}

// emit emits func name(y, a, b []float32, rows, cols int). Every element of y is the sum, in
// order, of the sums over the blocks of the inner axis, wherever in a tile or task it lies.
func (p product) emit(a *assembler) {
	a.computes("%s for m < rows, n < cols, k < %d", p.formula(), p.inner)
	m := &multiplier{a, p, blockingOf(p, a.Machine), newFrame(a)}
	end := m.a.label("end")
	m.start(end)
	m.chunks()
	a.Label(string(end))
	a.done()
}

// start loads the arguments; it jumps to end if there is nothing to compute.
func (m *multiplier) start(end operand.LabelRef) {
	buffers := m.a.alignedLocal(m.bufferFloats() * floatBytes)
	m.a.MOVQ(buffers.Base, m.buffers)
	for _, name := range []string{"cols", "rows"} {
		n := m.a.GP64()
		m.a.Load(m.a.Param(name), n)
		m.a.TESTQ(n, n)
		m.a.JLE(end)
		m.a.MOVQ(n, m.atChunk.left)
	}
	m.copyPointer("y", m.atChunk.y)
	m.copyPointer("a", m.atChunk.a)
	m.copyPointer("b", m.atChunk.b)
}

// chunks computes the product in a loop over chunks of rows.
func (m *multiplier) chunks() {
	row, _ := m.leftStride()
	m.each("chunk", m.atChunk, m.chunk, m.rows, func() {
		m.blocks(func() {
			if m.packs {
				m.packLeft()
			}
			m.groups(func() {
				m.packRight()
				m.tiles()
			})
		})
		m.forward(m.atChunk.y, m.chunk*m.columns)
		m.forward(m.atChunk.a, m.chunk*row)
	})
}

// blocks emits body in a loop over blocks of the inner axis.
func (m *multiplier) blocks(body func()) {
	m.a.MOVQ(operand.U32(m.inner), m.atBlock.left)
	m.copyWord(m.atChunk.a, m.atBlock.a)
	m.copyWord(m.atChunk.b, m.atBlock.b)
	_, aStep := m.leftStride()
	bStep, _ := m.rightStride()
	m.each("depth", m.atBlock, m.depth, m.inner, func() {
		body()
		m.forward(m.atBlock.a, m.depth*aStep)
		m.forward(m.atBlock.b, m.depth*bStep)
	})
}

// groups emits body in a loop over groups of columns.
func (m *multiplier) groups(body func()) {
	columns := m.a.GP64()
	m.a.Load(m.a.Param("cols"), columns)
	m.a.MOVQ(columns, m.atGroup.left)
	m.copyWord(m.atChunk.y, m.atGroup.y)
	m.copyWord(m.atBlock.b, m.atGroup.b)
	_, step := m.rightStride()
	m.each("columns", m.atGroup, groupColumns, m.columns, func() {
		body()
		m.forward(m.atGroup.y, groupColumns)
		m.forward(m.atGroup.b, groupColumns*step)
	})
}

// each emits body in a loop over parts of an axis of at most most elements, step at a time.
func (m *multiplier) each(name string, p part, step, most int, body func()) {
	round := func() {
		m.a.MOVQ(m.a.least(p.left, step), p.size)
		body()
	}
	if most <= step {
		round()
		return
	}
	start := m.a.label(name)
	m.a.Label(string(start))
	round()
	m.a.SUBQ(operand.U32(step), p.left)
	m.a.JG(start)
}
