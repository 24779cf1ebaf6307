package goasm

import (
	"github.com/mmcloughlin/avo/operand"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

func avgPool2dDXTwin(s *plan.Step, out ir.Type) func(a *assembler, name string) {
	dy := s.Kernel.Args[0].Type
	p, share := poolOf(s.Kernel, out, dy), shareOf(s.Kernel)
	return func(a *assembler, name string) { a.avgPool2dDX(name, p, share, dy, out) }
}

// avgPool2dDX emits func name(dx, dy []float32): the pixels of a window share its dy.
func (a *assembler) avgPool2dDX(
	name string, p pool, share func(size [2]int) float32, dy, dx ir.Type,
) {
	a.Function(name)
	a.SignatureExpr("func(dx, dy []float32)")
	to, from := a.pointer("dx"), a.pointer("dy")
	a.clearGaps(p, dx, to)
	zero := a.vector()
	a.zero(zero)
	a.eachWindow(p, []cursor{{planeOf(dx), to, false}, {planeOf(dy), from, true}},
		func(size [2]int, w []cursor) {
			factor, shares := a.constant(share(size)), a.vectors(a.parts())
			for i, v := range shares {
				a.VMULPS(a.part(at(w[1].at, 0), i), factor, v)
				a.VADDPS(zero, v, v)
			}
			a.eachPixel(size, w[0], func(pixel operand.Mem) {
				for i, v := range shares {
					sum := v
					if !p.apart() {
						sum = a.vector()
						a.VADDPS(a.part(pixel, i), v, sum)
					}
					a.VMOVUPS(sum, a.part(pixel, i))
				}
			})
		})
	a.done()
}
