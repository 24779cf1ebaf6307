package goasm

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// maxPool2d is the maximum under each window, as Go's max has it: NaN if anything is, and 0 above
// -0.
//
//	max(x, y) = -min(-x, -y)
type maxPool2d struct {
	pool
	image, largest plane
}

func maxPool2dTwin(s *plan.Step, out ir.Type) function {
	image := s.Kernel.Args[0].Type
	return maxPool2d{poolOf(s.Kernel, image, out), planeOf(image), planeOf(out)}
}

// emit emits func name(largest, image []float32).
func (p maxPool2d) emit(a *assembler) {
	y, x := a.pointer("largest"), a.pointer("image")
	a.clearBorder(p.largest, y)
	sign := a.same(1 << 31)
	a.eachWindow(p.pool, []cursor{{p.image, x, false}, {p.largest, y, true}},
		func(size [2]int, w []cursor) {
			least := a.vectors(a.parts())
			for i, m := range least {
				a.VXORPS(a.part(at(w[0].at, 0), i), sign, m)
			}
			a.eachPixel(size, w[0], func(pixel operand.Mem) {
				for i, m := range least {
					v := a.vector()
					a.VXORPS(a.part(pixel, i), sign, v)
					a.lower(m, v)
				}
			})
			for i, m := range least {
				a.VXORPS(m, sign, m)
				a.VMOVUPS(m, a.part(at(w[1].at, 0), i))
			}
		})
	a.done()
}

// lower makes m the minimum of m and v. The instruction yields its second operand if one is NaN or
// both are zeros; both orders or-ed are NaN, or the negative zero.
func (a *assembler) lower(m, v reg.VecVirtual) {
	other := a.vector()
	a.VMINPS(v, m, other)
	a.VMINPS(m, v, m)
	a.VORPS(other, m, m)
}
