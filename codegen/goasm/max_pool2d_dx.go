package goasm

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// maxPool2dDX gives each dy to the pixel with the largest element of its window, the first of
// several. One pass over a window finds the pixel's number for each lane, the other compares it
// with every pixel's.
type maxPool2dDX struct {
	pool
	image, dy, dx plane
}

func maxPool2dDXTwin(s *plan.Step, out ir.Type) function {
	image, dy := s.Kernel.Args[0].Type, s.Kernel.Args[1].Type
	return maxPool2dDX{poolOf(s.Kernel, out, dy), planeOf(image), planeOf(dy), planeOf(out)}
}

// emit emits func name(dx, image, dy []float32).
func (p maxPool2dDX) emit(a *assembler) {
	to, x, from := a.pointer("dx"), a.pointer("image"), a.pointer("dy")
	a.clearGaps(p.pool, p.dx, to)
	zero, one := a.vector(), a.same(1)
	a.zero(zero)
	planes := []cursor{{p.image, x, false}, {p.dx, to, false}, {p.dy, from, true}}
	a.eachWindow(p.pool, planes, func(size [2]int, w []cursor) {
		winners := a.winners(size, w[0], zero, one)
		gradients := a.vectors(a.parts())
		for i, g := range gradients {
			a.VADDPS(a.part(at(w[2].at, 0), i), zero, g)
		}
		number := a.vector()
		a.zero(number)
		a.eachPixel(size, w[1], func(pixel operand.Mem) {
			for i, g := range gradients {
				share := a.whereEqual(number, winners[i], g)
				if !p.apart() {
					a.VADDPS(a.part(pixel, i), share, share)
				}
				a.VMOVUPS(share, a.part(pixel, i))
			}
			a.VPADDD(one, number, number)
		})
	})
	a.done()
}

// winners returns the number of the pixel with the first largest element, for each lane.
func (a *assembler) winners(size [2]int, x cursor, zero, one reg.VecVirtual) []reg.VecVirtual {
	largest, winners, number := a.vectors(a.parts()), a.vectors(a.parts()), a.vector()
	for i := range largest {
		a.VMOVUPS(a.part(at(x.at, 0), i), largest[i])
		a.VMOVAPS(zero, winners[i])
	}
	a.VMOVAPS(zero, number)
	a.eachPixel(size, x, func(pixel operand.Mem) {
		for i := range largest {
			v := a.vector()
			a.VMOVUPS(a.part(pixel, i), v)
			a.whereGreater(v, largest[i], winners[i], number)
		}
		a.VPADDD(one, number, number)
	})
	return winners
}

const orderedGreater = operand.U8(0x1e) // v > m, false if one is NaN

// whereGreater makes m be v and n be k in the lanes where v > m.
func (a *assembler) whereGreater(v, m, n, k reg.VecVirtual) {
	if a.lanes == 16 {
		greater := a.K()
		a.VCMPPS(orderedGreater, m, v, greater)
		a.VBLENDMPS(v, m, greater, m)
		a.VPBLENDMD(k, n, greater, n)
		return
	}
	greater := a.vector()
	a.VCMPPS(orderedGreater, m, v, greater)
	a.VBLENDVPS(greater, v, m, m)
	a.VBLENDVPS(greater, k, n, n)
}

// whereEqual returns v in the lanes where the words k and n are equal, else 0.
func (a *assembler) whereEqual(k, n, v reg.VecVirtual) reg.VecVirtual {
	out := a.vector()
	if a.lanes == 16 {
		equal := a.K()
		a.VPCMPEQD(k, n, equal)
		a.VMOVAPS_Z(v, equal, out)
		return out
	}
	a.VPCMPEQD(k, n, out)
	a.VANDPS(v, out, out)
	return out
}

// clearGaps sets to zeros what no window of a plane will set, and all of it if windows add to it.
func (a *assembler) clearGaps(p pool, t plane, at reg.GPVirtual) {
	if p.apart() && p.cover() {
		a.clearBorder(t, at)
		return
	}
	zero := a.vector()
	a.zero(zero)
	a.clear(zero, a.copyOf(at), t.size)
}
