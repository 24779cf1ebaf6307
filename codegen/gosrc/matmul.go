package gosrc

import (
	"fmt"
	"strconv"

	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/ir"
)

// Sizes of the blocks that a product of matrices is computed in: depth of a and b along the axis
// they share, rows of a, columns of b. A block of a (64 kB) stays in the second-level cache, a
// block of b (16 kB) in the first.
const (
	mostDepth = 256
	mostRows  = 64
	panel     = 16
)

// product is the geometry of a product of matrices, y[m,n] = Σ_k a[m,k]·b[k,n], or of a part of
// it along k.
type product struct {
	rows, inner, columns int
	aRow, bRow           int // from a row of a, or b, to the next, as they lie
	transA, transB       bool
	depth                int // of a block
	mostRows             int // of a block
}

// matmul emits a product. Blocks of both factors are packed, a in rows and b in groups of four
// columns, so that the innermost loop reads both in order with four sums in registers, whichever
// of them is transposed:
//
//	sum[0..3] += b[k][0..3]·a[k]
func matmul(k *kernel) error {
	a, b := k.Args[0].Type.Shape, k.Args[1].Type.Shape
	p := product{transA: k.Attrs.Bool("trans_a"), transB: k.Attrs.Bool("trans_b"),
		rows: a[0], inner: a[1], columns: b[1]}
	if p.transA {
		p.rows, p.inner = a[1], a[0]
	}
	if p.transB {
		p.columns = b[0]
	}
	for i := range k.Args {
		if err := k.wants(i, ir.RowMajor, [2]int{}); err != nil {
			return err
		}
	}
	p.aRow, p.bRow = a[1], b[1]
	p.inner /= max(1, k.step.Split)
	blocks := ir.Ceil(p.inner, mostDepth)
	p.depth = ir.Ceil(p.inner, blocks)
	p.mostRows = min(mostRows, k.step.Cuts[0].Most())
	k.emitProduct(k.tileFunc(p), p)
	return nil
}

// emitProduct emits the call for the task's rows and columns.
func (k *kernel) emitProduct(name string, p product) {
	c := k.method
	from, to := [2]string{"0", "0"}, [2]string{fmt.Sprint(p.rows), fmt.Sprint(p.columns)}
	for i, x := range k.nest.axes {
		if x.Pieces() > 1 {
			from[i], to[i] = k.ends(x)
			from[i] = orZero(from[i])
		}
	}
	c.Line("row, rows := %s, %s", from[0], difference(from[0], to[0], k.nest.axes[0]))
	c.Line("col, cols := %s, %s", from[1], difference(from[1], to[1], k.nest.axes[1]))
	aRow, aInner := p.aRow, 1
	if p.transA {
		aRow, aInner = 1, p.aRow
	}
	bCol, bInner := 1, p.bRow
	if p.transB {
		bCol, bInner = p.bRow, 1
	}
	part := func(stride int) string {
		if k.step.Split > 1 {
			return times("split", p.inner*stride)
		}
		return ""
	}
	yAt := sum(k.out.at, times("row", p.columns), "col")
	if k.out.relative {
		yAt = "0"
	}
	aHome, aAt := k.arg(0)
	bHome, bAt := k.arg(1)
	c.Line("%s", call(k.twinOf(name, "y, a, b []float32, rows, cols int"),
		[2]string{slice(k.out.home, yAt, 0, false), k.out.typ.String()},
		[2]string{slice(aHome, sum(aAt, times("row", aRow), part(aInner)), 0, false),
			k.Args[0].Type.String()},
		[2]string{slice(bHome, sum(bAt, times("col", bCol), part(bInner)), 0, false),
			k.Args[1].Type.String()},
		[2]string{"rows", ""}, [2]string{"cols", ""}))
}

// difference prints how many iterations a task has of an axis.
func difference(from, to string, x axis) string {
	if n, even := x.Count(); even {
		return fmt.Sprint(n)
	}
	return to + "-" + from
}

// tileFunc emits the function that computes a task's tile of the result.
func (k *kernel) tileFunc(p product) string {
	packA, packB, row := k.packLeft(p), k.packRight(p), k.productRow(p)
	body := &host.Code{}
	body.Noted("rows of a", "var left [%d]float32", p.mostRows*p.depth)
	body.Noted("columns of b, in groups of 4", "var right [%d]float32", panel*p.depth)
	body.Noted("what a block adds to a row of y", "var sums [%d]float32", panel)
	body.Block("for row := range rows", func(c *host.Code) {
		c.Line("clear(y[row*%d:][:cols])", p.columns)
	})
	body.Block(fmt.Sprintf("for row := 0; row < rows; row += %d", p.mostRows), func(c *host.Code) {
		c.Line("height := min(%d, rows-row)", p.mostRows)
		inner := func(c *host.Code, k string) {
			depth := fmt.Sprint(p.depth)
			if p.inner%p.depth != 0 {
				c.Line("depth := min(%d, %d-k)", p.depth, p.inner)
				depth = "depth"
			}
			aAt := sum(times("row", p.aRow), k)
			if p.transA {
				aAt = sum("row", times(k, p.aRow))
			}
			c.Line("%s(left[:], a[%s:], height, %s)", packA, aAt, depth)
			c.Block(fmt.Sprintf("for col := 0; col < cols; col += %d", panel), func(c *host.Code) {
				c.Line("width := min(%d, cols-col)", panel)
				bAt := sum("col", times(k, p.bRow))
				if p.transB {
					bAt = sum(times("col", p.bRow), k)
				}
				c.Line("%s(right[:], b[%s:], width, %s)", packB, bAt, depth)
				c.Block("for i := range height", func(c *host.Code) {
					c.Line("%s(&sums, (*[%d]float32)(left[%s:]), &right)", row, p.depth,
						times("i", p.depth))
					c.Line("ys := y[(row+i)*%d+col:][:width]", p.columns)
					c.Block("for j := range ys", func(c *host.Code) { c.Line("ys[j] += sums[j]") })
				})
			})
		}
		if p.depth == p.inner {
			inner(c, "0")
			return
		}
		c.Block(fmt.Sprintf("for k := 0; k < %d; k += %d", p.inner, p.depth),
			func(c *host.Code) { inner(c, "k") })
	})
	doc := fmt.Sprintf("computes a tile of a product of %dx%d and %dx%d, in blocks of %d.",
		p.rows, p.inner, p.inner, p.columns, p.depth)
	return k.declareOnce(k.name+"Tile", doc, "y, a, b []float32, rows, cols int", body)
}

// packLeft emits the function that copies a block of a by rows; what is missing of a row is 0.
func (k *kernel) packLeft(p product) string {
	body := &host.Code{}
	body.Block("for row := range height", func(c *host.Code) {
		c.Line("line := packed[row*%d:][:%d]", p.depth, p.depth)
		if p.transA {
			c.Block("for i := range depth", func(c *host.Code) {
				c.Line("line[i] = a[i*%d+row]", p.aRow)
			})
		} else {
			c.Line("copy(line, a[row*%d:][:depth])", p.aRow)
		}
		if p.inner%p.depth != 0 {
			c.Line("clear(line[depth:])")
		}
	})
	doc := "copies a block of a, each row in order."
	return k.declareOnce(k.name+"Left", doc, "packed, a []float32, height, depth int", body)
}

// packRight emits the function that copies 16 columns of b by groups of four; what is missing of
// a block is 0.
func (k *kernel) packRight(p product) string {
	body := &host.Code{}
	if p.inner%p.depth != 0 {
		body.Block(fmt.Sprintf("if width < %d || depth < %d", panel, p.depth), func(c *host.Code) {
			c.Line("clear(packed)")
		})
	} else {
		body.Block(fmt.Sprintf("if width < %d", panel), func(c *host.Code) { c.Line("clear(packed)") })
	}
	at := fmt.Sprintf("col/4*%d+col%%4", p.depth*4)
	if p.transB {
		body.Block("for col := range width", func(c *host.Code) {
			c.Line("line := b[col*%d:][:depth]", p.bRow)
			c.Line("group := packed[%s:]", at)
			c.Block("for i, v := range line", func(c *host.Code) { c.Line("group[4*i] = v") })
		})
	} else {
		body.Block("for i := range depth", func(c *host.Code) {
			c.Line("line := b[i*%d:][:width]", p.bRow)
			c.Block("for col, v := range line", func(c *host.Code) {
				c.Line("packed[%s+4*i] = v", at)
			})
		})
	}
	doc := "copies up to 16 columns of b, four side by side."
	return k.declareOnce(k.name+"Right", doc, "packed, b []float32, width, depth int", body)
}

// productRow emits the micro-kernel: a row of a block of a times 16 packed columns.
func (k *kernel) productRow(p product) string {
	body := &host.Code{}
	body.Block(fmt.Sprintf("for col := 0; col < %d; col += 4", panel), func(c *host.Code) {
		c.Line("columns := (*[%d]float32)(right[col*%d:])", 4*p.depth, p.depth)
		c.Line("var s0, s1, s2, s3 float32")
		c.Block("for i, p := range left", fourSums("columns"))
		c.Line("sum := (*[4]float32)(sums[col:])")
		c.Line("sum[0], sum[1], sum[2], sum[3] = s0, s1, s2, s3")
	})
	doc := "multiplies a row of a block with 16 columns."
	return k.declareOnce(k.name+"Row", doc, "sums *["+strconv.Itoa(panel)+"]float32, left *["+
		strconv.Itoa(p.depth)+"]float32, right *["+strconv.Itoa(panel*p.depth)+"]float32", body)
}
