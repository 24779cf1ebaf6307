package goasm

import (
	"github.com/mmcloughlin/avo/operand"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// avgPool2d is the mean of the elements under each window.
type avgPool2d struct {
	averages
	image, mean plane
}

// averages are windows of whose means each element is a part: of all a kernel covers, or without
// the padding.
type averages struct {
	pool
	padded bool
}

func averagesOf(k *plan.Kernel, image, result ir.Type) averages {
	return averages{poolOf(k, image, result), k.Attrs.Bool("count_include_pad")}
}

// share returns what part of its mean an element of a window of some size is.
func (p *averages) share(size [2]int) float32 {
	if p.padded {
		size = p.kernel
	}
	return 1 / float32(size[0]*size[1])
}

func avgPool2dTwin(s *plan.Step, out ir.Type) function {
	image := s.Kernel.Args[0].Type
	return avgPool2d{averagesOf(s.Kernel, image, out), planeOf(image), planeOf(out)}
}

// emit emits func name(mean, image []float32).
func (p avgPool2d) emit(a *assembler) {
	y, x := a.pointer("mean"), a.pointer("image")
	a.clearBorder(p.mean, y)
	a.eachWindow(p.pool, []cursor{{p.image, x, false}, {p.mean, y, true}},
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
			factor := a.constant(p.share(size))
			for i, sum := range sums {
				a.VMULPS(factor, sum, sum)
				a.VMOVUPS(sum, a.part(at(w[1].at, 0), i))
			}
		})
	a.done()
}
