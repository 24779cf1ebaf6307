package goasm

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/winograd"
)

// winogradDW returns the functions that gradients of kernels share.
func winogradDW() shared {
	return shared{
		"winogradInput":    {"v = Bᵀ·x·B", (*assembler).winogradInput},
		"winogradGradient": {"h = A·dy·Aᵀ", (*assembler).winogradGradient},
		"winogradSum":      {"s[c] += Σ_tile v[tile][c]·h[tile]", (*assembler).winogradSum},
		"winogradKernel":   {"dw = Gᵀ·s·G", (*assembler).winogradKernel},
	}
}

// winogradGradient emits h = A·dy·Aᵀ.
func (a *assembler) winogradGradient() {
	t := a.winogradTransform(4, 6, []float64{p1, p2, q1, q2}, (*transform).gradient)
	h, dy, row, step := t.a.pointer("h"), t.a.pointer("dy"), t.a.bytes("row"), t.a.bytes("step")
	next := t.a.onStack(t.a.bytes("next"))
	t.each("tiles", h, dy, Lanes, winograd.Tile*Lanes, func(h, dy reg.GPVirtual) {
		t.square(t.columns(dy, row, next), t.rows(h, step))
	})
}

func (t *transform) gradient(dy []reg.VecVirtual) []reg.VecVirtual {
	even, odd := t.plus(dy[0], p2, dy[2]), t.plus(dy[1], p2, dy[3])
	h1, h2 := t.plus(even, p1, odd), t.minus(even, p1, odd)
	even, odd = t.plus(dy[0], q2, dy[2]), t.plus(dy[1], q2, dy[3])
	h3, h4 := t.plus(even, q1, odd), t.minus(even, q1, odd)
	return []reg.VecVirtual{dy[0], h1, h2, h3, h4, dy[3]}
}

// unrolledTiles is how many tiles a round of winogradSum's innermost loop takes.
const unrolledTiles = 4

// winogradSum emits the sums over tiles of the products of one of the numbers that they are
// transformed to:
//
//	s[c][lane] += Σ_tile v[tile][c]·h[tile][lane]
//
// It fetches the sums and tiles of the next block of channels, which lie behind these.
func (a *assembler) winogradSum() {
	s, v, h, count := a.pointer("s"), a.pointer("v"), a.pointer("h"), a.GP64()
	a.Load(a.Param("tiles"), count)
	limit := min(Lanes, a.tile())
	nextS, nextV := a.copyOf(s), a.copyOf(count)
	a.advance(nextS, Lanes*Lanes)
	a.SHLQ(operand.U8(6), nextV) // Lanes·floatBytes each
	a.ADDQ(v, nextV)
	for from, n := 0, ir.Ceil(Lanes, limit); n > 0; n-- {
		channels := ir.Ceil(Lanes-from, n)
		sums := a.named("sums", channels*a.parts())
		a.phase("sums of channels %d to %d", from, from+channels-1)
		for i, sum := range sums {
			a.VMOVUPS(at(s, from*Lanes+i*a.lanes), sum)
		}
		v, h := a.copyOf(v), a.copyOf(h)
		a.unrolled("four", a.copyOf(count), unrolledTiles, func(tiles int) {
			if from == 0 && tiles == unrolledTiles {
				a.PREFETCHT0(at(nextS, 0))
				a.advance(nextS, lineFloats)
				for tile := range tiles {
					a.PREFETCHT0(at(nextV, tile*Lanes))
				}
				a.advance(nextV, tiles*Lanes)
			}
			for tile := range tiles {
				gradient := a.load(h, tile*Lanes)
				for c := range channels {
					a.addProducts(sums[c*a.parts():][:a.parts()], gradient,
						at(v, tile*Lanes+from+c))
				}
			}
			a.advance(v, tiles*Lanes)
			a.advance(h, tiles*Lanes)
		})
		for i, sum := range sums {
			a.VMOVUPS(sum, at(s, from*Lanes+i*a.lanes))
		}
		from += channels
	}
	a.done()
}

// winogradKernel emits dw = Gᵀ·s·G.
func (a *assembler) winogradKernel() {
	t := a.winogradTransform(6, 3, []float64{w0, wp, wp * p1, wp * p2, wq, wq * q1, wq * q2},
		(*transform).kernel)
	dw, s, step, row := t.a.pointer("dw"), t.a.pointer("s"), t.a.bytes("step"), t.a.GP64()
	t.a.set(row, winograd.Kernel*Lanes*floatBytes)
	taps := winograd.Kernel * winograd.Kernel * Lanes
	t.each("channels", dw, s, taps, Lanes, func(dw, s reg.GPVirtual) {
		t.square(t.rows(s, step), t.columns(dw, row, nil))
	})
}

func (t *transform) kernel(s []reg.VecVirtual) []reg.VecVirtual {
	sumP, differenceP := t.both(s[1], s[2])
	sumQ, differenceQ := t.both(s[3], s[4])
	return []reg.VecVirtual{
		t.plus(t.plus(t.times(w0, s[0]), wp, sumP), wq, sumQ),
		t.plus(t.times(wp*p1, differenceP), wq*q1, differenceQ),
		t.plus(t.plus(s[5], wp*p2, sumP), wq*q2, sumQ),
	}
}
