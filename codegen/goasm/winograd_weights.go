package goasm

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/gradc/gradc/compiler/winograd"
)

// winogradWeights returns the function that all transforms of kernels share.
func winogradWeights() shared {
	return shared{"winogradWeights": {"u = G·w·Gᵀ", (*assembler).winogradWeights}}
}

// winogradWeights emits u = G·w·Gᵀ.
func (a *assembler) winogradWeights() {
	t := a.winogradTransform(3, 6, []float64{w0, wp, wp * p1, wp * p2, wq, wq * q1, wq * q2},
		(*transform).weights)
	u, w, next, step := t.a.pointer("u"), t.a.pointer("w"), t.a.bytes("next"), t.a.bytes("step")
	t.a.ADDQ(t.a.bytes("first"), w)
	row := t.a.GP64()
	t.a.IMUL3Q(operand.U32(winograd.Kernel), next, row)
	taps := winograd.Kernel * winograd.Kernel * Lanes
	t.each("channels", u, w, Lanes, taps, func(u, w reg.GPVirtual) {
		columns := t.lines(w, row, func(start, _ reg.GPVirtual) { t.a.ADDQ(next, start) })
		t.square(columns, t.rows(u, step))
	})
}

func (t *transform) weights(w []reg.VecVirtual) []reg.VecVirtual {
	even := t.plus(t.times(wp, w[0]), wp*p2, w[2])
	u1, u2 := t.plus(even, wp*p1, w[1]), t.minus(even, wp*p1, w[1])
	even = t.plus(t.times(wq, w[0]), wq*q2, w[2])
	u3, u4 := t.plus(even, wq*q1, w[1]), t.minus(even, wq*q1, w[1])
	return []reg.VecVirtual{t.times(w0, w[0]), u1, u2, u3, u4, w[2]}
}
