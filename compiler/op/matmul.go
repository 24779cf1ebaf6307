package op

import (
	"fmt"
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/ir"
)

// matmul is the product of two matrices, each of which may be read transposed.
func matmul() *ir.Op {
	return &ir.Op{
		Name: "matmul", Kind: ir.Kernel, Doc: "y = a·b; trans_a: aᵀ for a, trans_b: bᵀ for b",
		Attrs: []ir.AttrSpec{{Name: "trans_a", Kind: ir.Bool}, {Name: "trans_b", Kind: ir.Bool}},
		Shape: matmulShape,
		Grad:  matmulGrad,
		Ref:   matmulRef,
		Flops: func(args []ir.Type, out ir.Type, a ir.Attrs) int64 {
			_, inner := rowsColumns(args[0].Shape, a.Bool("trans_a"))
			return 2 * int64(out.Shape.Elements()) * int64(inner)
		},
		Sample: sampleMatmul,
	}
}

// rowsColumns returns the sizes of a matrix, or of its transpose.
func rowsColumns(s ir.Shape, transposed bool) (rows, columns int) {
	if transposed {
		return s[1], s[0]
	}
	return s[0], s[1]
}

func matmulShape(args []ir.Type, a ir.Attrs) (ir.Type, error) {
	if err := wantArgs(args, 2); err != nil {
		return ir.Type{}, err
	}
	for i, what := range []string{"left factor", "right factor"} {
		if err := wantMatrix(what, args[i]); err != nil {
			return ir.Type{}, err
		}
	}
	rows, inner := rowsColumns(args[0].Shape, a.Bool("trans_a"))
	inner2, columns := rowsColumns(args[1].Shape, a.Bool("trans_b"))
	if inner != inner2 {
		return ir.Type{}, fmt.Errorf("factors of %dx%d and %dx%d do not fit",
			rows, inner, inner2, columns)
	}
	return ir.Float32(rows, columns), nil
}

// matmulGrad: y = a·b has da = dy·bᵀ and db = aᵀ·dy; of a factor that is read transposed it is
// the transpose of that.
func matmulGrad(b *ir.Builder, y, dy *ir.Value) []*ir.Value {
	left, right := y.Args[0], y.Args[1]
	ta, tb := y.Attrs.Bool("trans_a"), y.Attrs.Bool("trans_b")
	product := func(of, p, q *ir.Value, tp, tq bool) *ir.Value {
		return b.Apply("d."+of.Name, "matmul", []*ir.Value{p, q},
			ir.Attrs{"trans_a": tp, "trans_b": tq})
	}
	grads := []*ir.Value{nil, nil}
	if ta {
		grads[0] = product(left, right, dy, tb, true)
	} else {
		grads[0] = product(left, dy, right, false, !tb)
	}
	if tb {
		grads[1] = product(right, dy, left, true, ta)
	} else {
		grads[1] = product(right, left, dy, !ta, false)
	}
	return grads
}

func matmulRef(y ir.Tensor, in []ir.Tensor, a ir.Attrs) {
	steps := func(t ir.Tensor, transposed bool) (row, column int) {
		if transposed {
			return 1, t.Shape[1]
		}
		return t.Shape[1], 1
	}
	aRow, aColumn := steps(in[0], a.Bool("trans_a"))
	bRow, bColumn := steps(in[1], a.Bool("trans_b"))
	_, inner := rowsColumns(in[0].Shape, a.Bool("trans_a"))
	rows, columns := y.Shape[0], y.Shape[1]
	for i := range rows {
		out := y.Data[i*columns:][:columns]
		clear(out)
		for k := range inner {
			factor := in[0].Data[i*aRow+k*aColumn]
			for j := range out {
				out[j] += factor * in[1].Data[k*bRow+j*bColumn]
			}
		}
	}
}

func sampleMatmul(r *rand.Rand) ir.Sample {
	ta, tb := r.IntN(2) == 0, r.IntN(2) == 0
	rows, inner, columns := size(r, 6), size(r, 7), size(r, 6)
	a0, a1 := rowsColumns(ir.Shape{rows, inner}, ta)
	b0, b1 := rowsColumns(ir.Shape{inner, columns}, tb)
	return ir.Sample{
		Args:  []ir.SampleArg{argument(signed, a0, a1), argument(signed, b0, b1)},
		Attrs: ir.Attrs{"trans_a": ta, "trans_b": tb},
	}
}
