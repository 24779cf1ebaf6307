package goasm

import (
	"github.com/mmcloughlin/avo/operand"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// avgPool2dDX shares each dy among the pixels of its window.
type avgPool2dDX struct {
	averages
	dy, dx plane
}

func avgPool2dDXTwin(s *plan.Step, out ir.Type) function {
	dy := s.Kernel.Args[0].Type
	return avgPool2dDX{averagesOf(s.Kernel, out, dy), planeOf(dy), planeOf(out)}
}

// emit emits func name(dx, dy []float32).
func (p avgPool2dDX) emit(a *assembler) {
	to, from := a.pointer("dx"), a.pointer("dy")
	a.clearGaps(p.pool, p.dx, to)
	zero := a.vector()
	a.zero(zero)
	a.eachWindow(p.pool, []cursor{{p.dx, to, false}, {p.dy, from, true}},
		func(size [2]int, w []cursor) {
			factor, shares := a.constant(p.share(size)), a.vectors(a.parts())
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
