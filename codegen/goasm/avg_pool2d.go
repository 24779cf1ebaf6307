package goasm

import (
	"github.com/mmcloughlin/avo/operand"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

func avgPool2dTwin(s *plan.Step, out ir.Type) func(a *assembler, name string) {
	image := s.Kernel.Args[0].Type
	p, share := poolOf(s.Kernel, image, out), shareOf(s.Kernel)
	return func(a *assembler, name string) { a.avgPool2d(name, p, share, image, out) }
}

// shareOf returns what part of its mean an element of a window of some size is.
func shareOf(k *plan.Kernel) func(size [2]int) float32 {
	kernel := k.Attrs.Ints("kernel")
	return func(size [2]int) float32 {
		if k.Attrs.Bool("count_include_pad") {
			return 1 / float32(kernel[0]*kernel[1])
		}
		return 1 / float32(size[0]*size[1])
	}
}

// avgPool2d emits func name(mean, image []float32): the mean of the elements under each window.
func (a *assembler) avgPool2d(
	name string, p pool, share func(size [2]int) float32, image, mean ir.Type,
) {
	a.Function(name)
	a.SignatureExpr("func(mean, image []float32)")
	y, x := a.pointer("mean"), a.pointer("image")
	a.clearBorder(planeOf(mean), y)
	a.eachWindow(p, []cursor{{planeOf(image), x, false}, {planeOf(mean), y, true}},
		func(size [2]int, w []cursor) {
			sums := a.vectors(a.parts())
			for _, sum := range sums {
				a.zero(sum)
			}
			a.eachPixel(size, w[0], func(pixel operand.Mem) {
				for i, sum := range sums {
					a.VADDPS(a.part(pixel, i), sum, sum)
				}
			})
			factor := a.constant(share(size))
			for i, sum := range sums {
				a.VMULPS(factor, sum, sum)
				a.VMOVUPS(sum, a.part(at(w[1].at, 0), i))
			}
		})
	a.done()
}
