package goasm

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

func maxPool2dTwin(s *plan.Step, out ir.Type) func(a *assembler, name string) {
	image := s.Kernel.Args[0].Type
	p := poolOf(s.Kernel, image, out)
	return func(a *assembler, name string) { a.maxPool2d(name, p, image, out) }
}

// maxPool2d emits func name(largest, image []float32): the maximum under each window, as Go's max
// has it: NaN if anything is, and 0 above -0.
//
//	max(x, y) = -min(-x, -y)
func (a *assembler) maxPool2d(name string, p pool, image, largest ir.Type) {
	a.Function(name)
	a.SignatureExpr("func(largest, image []float32)")
	y, x := a.pointer("largest"), a.pointer("image")
	a.clearBorder(planeOf(largest), y)
	sign := a.same(1 << 31)
	a.eachWindow(p, []cursor{{planeOf(image), x, false}, {planeOf(largest), y, true}},
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
