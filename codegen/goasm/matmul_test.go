package goasm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/plan"
)

const productParams = "y, a, b []float32, rows, cols int"

func TestProducts(t *testing.T) {
	h := newHarness(t)
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 24 {
		h.product(fmt.Sprintf("matmul%d", i), r, draw(r, "matmul"))
	}
	shapes := []product{
		{rows: 17, inner: 300, columns: 131}, // blocks of 152 and 148 steps, two groups of columns
		{rows: 128, inner: 512, columns: 10},
		{rows: 270, inner: 254, columns: 20}, // two chunks of rows
		{rows: 30, inner: 37, columns: 64},
		{rows: 7, inner: 1, columns: 33},
		{rows: 1, inner: 259, columns: 48},    // an odd number of steps in the last block
		{rows: 30, inner: 1024, columns: 200}, // rows that crowd the cache, columns fetched ahead
		{rows: 300, inner: 2048, columns: 34}, // two chunks of them
	}
	for i, s := range shapes {
		for j, transposed := range [][2]bool{{false, false}, {false, true}, {true, false}} {
			s.transA, s.transB = transposed[0], transposed[1]
			h.product(fmt.Sprintf("fixed%d_%d", i, j), r, randomProduct(r, s))
		}
	}
	h.run()
}

func randomProduct(r *rand.Rand, p product) use {
	random := func(rows, columns int, transposed bool) ir.Tensor {
		if transposed {
			rows, columns = columns, rows
		}
		t := ir.NewTensor(ir.Shape{rows, columns})
		for i := range t.Data {
			t.Data[i] = float64(float32(r.NormFloat64()))
		}
		return t
	}
	a, b := random(p.rows, p.inner, p.transA), random(p.inner, p.columns, p.transB)
	return useOf(op.All()["matmul"],
		[]ir.Type{ir.Float32(a.Shape...), ir.Float32(b.Shape...)}, []ir.Tensor{a, b},
		ir.Attrs{"trans_a": p.transA, "trans_b": p.transB})
}

// product adds calls for the whole of a product and for some tasks, each with no more of the
// matrices than it may touch.
func (h *harness) product(name string, r *rand.Rand, u use) {
	p, ok := productOf(&u.kernel, u.kernel.Out.Type, 1)
	if both := u.kernel.Attrs.Bool("trans_a") && u.kernel.Attrs.Bool("trans_b"); ok == both {
		h.Fatalf("%+v: in assembly: %t", p, ok)
	} else if both {
		return
	}
	h.kernel(name, productParams, p.emit)
	h.task(name, p, u, 0, 0, p.rows, 0, p.columns)
	for range 3 {
		row, column := r.IntN(p.rows), r.IntN(p.columns)
		h.task(name, p, u, 0, row, 1+r.IntN(p.rows-row), column, 1+r.IntN(p.columns-column))
	}
}

// TestProductParts computes parts of products along the inner axis, with poison in the others.
func TestProductParts(t *testing.T) {
	h := newHarness(t)
	r := rand.New(rand.NewPCG(7, 8))
	for i, c := range []struct {
		transA, transB bool
		parts, inner   int
	}{
		{false, false, 3, 37}, {false, true, 3, 37}, {true, false, 3, 37},
		{false, true, 64, 16}, {false, false, 10, 512}, // rows that crowd the cache
	} {
		parts := c.parts
		whole := product{rows: 17, inner: parts * c.inner, columns: 21, transA: c.transA,
			transB: c.transB}
		for part := range min(3, parts) {
			u := randomProduct(r, whole)
			p, _ := productOf(&u.kernel, u.kernel.Out.Type, parts)
			aRow, aInner := p.leftStride()
			others(u.args[0], p, part, aRow, aInner, 0)
			clear(u.want.Data) // references add to it
			u.kernel.Op.Ref(u.want, u.args, u.kernel.Attrs)
			others(u.args[0], p, part, aRow, aInner, math.NaN())
			name := fmt.Sprintf("part%d%d", i, part)
			h.kernel(name, productParams, p.emit)
			h.task(name, p, u, part*p.inner, 0, p.rows, 0, p.columns)
		}
	}
	h.run()
}

// TestProductTasks computes products by tasks of known sizes, which have no other tiles.
func TestProductTasks(t *testing.T) {
	h := newHarness(t)
	r := rand.New(rand.NewPCG(9, 10))
	for i, c := range []struct{ rows, columns, pieces0, pieces1 int }{
		{10, 512, 1, 4}, {256, 10, 4, 1}, {16, 64, 1, 1}, {50, 70, 3, 2}, {3, 40, 3, 1}, {24, 33, 1, 1},
	} {
		for j, trans := range [][2]bool{{false, false}, {false, true}, {true, false}} {
			u := randomProduct(r, product{rows: c.rows, inner: 300, columns: c.columns,
				transA: trans[0], transB: trans[1]})
			s := &plan.Step{Kernel: &u.kernel, Split: 1}
			s.Cuts = s.Uncut()
			s.Cuts[1].Keep(Lanes)
			s.Cuts[0].Pieces, s.Cuts[1].Pieces = c.pieces0, c.pieces1
			p := matmulTwin(s, u.kernel.Out.Type).(product)
			name := fmt.Sprintf("tasks%d_%d", i, j)
			h.kernel(name, productParams, p.emit)
			for task := range s.Tasks() {
				i, j := task/c.pieces1, task%c.pieces1
				row, endRow := s.Cuts[0].Span(i)
				column, endColumn := s.Cuts[1].Span(j)
				h.task(name, p, u, 0, row, endRow-row, column, endColumn-column)
			}
		}
	}
	h.run()
}

// others sets what of a does not belong to a part of the product.
func others(a ir.Tensor, p product, part, rowStep, innerStep int, value float64) {
	for row := range p.rows {
		for k := range p.whole {
			if k/p.inner != part {
				a.Data[row*rowStep+k*innerStep] = value
			}
		}
	}
}

// task adds a call for a tile of the product's part that begins at step first of the inner axis.
func (h *harness) task(
	name string, p product, u use, first, row, rows, column, columns int,
) {
	part := func(t ir.Tensor, rowStep, row, rows, columnStep, column, columns int) []float32 {
		from := row*rowStep + column*columnStep
		last := from + (rows-1)*rowStep + (columns-1)*columnStep
		data := make([]float32, last+1-from)
		for i := range data {
			data[i] = float32(t.Data[from+i])
		}
		return data
	}
	aRow, aInner := p.leftStride()
	bInner, bColumn := p.rightStride()
	a := part(u.args[0], aRow, row, rows, aInner, first, p.inner)
	b := part(u.args[1], bInner, first, p.inner, bColumn, column, columns)
	y := part(u.want, p.columns, row, rows, 1, column, columns)
	offsets, want := make([]int, len(y)), make([]float64, len(y))
	for i := range y {
		offsets[i] = i
		if i%p.columns < columns {
			want[i] = u.want.Data[row*p.columns+column+i]
			y[i] = poison(1)[0]
		} else { // of another task
			y[i] = 0.125
			want[i] = 0.125
		}
	}
	h.call(name, y, a, b, []int{rows, columns}, offsets, want)
}
