package goasm

import (
	"strconv"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/winograd"
)

// unrolledChannels is how many channels of a block a round of winogradProduct's innermost loop
// takes.
const unrolledChannels = 4

// unrolledTiles is how many tiles a round of winogradSum's innermost loop takes.
const unrolledTiles = 4

// winogradGroups returns how many tiles winogradProduct takes at once, the most first: as many as
// there are registers for their sums, or fewer where tiles are left that make no such group.
func winogradGroups(m Machine) []int {
	groups := winograd.Groups()
	if m.parts() == 1 {
		groups = append([]int{2 * groups[0]}, groups...)
	}
	return groups
}

// winogradProduct emits the matrix product of one of the numbers that tiles are transformed to:
//
//	m[tile][lane] = Σ_c v[c][tile]·u[c][lane]
func (a *assembler) winogradProduct(name string) {
	a.Function(name)
	a.SignatureExpr("func(m, v, u []float32, tiles, step int)")
	m, v, u, left, blocks, step := a.pointer("m"), a.pointer("v"), a.pointer("u"), a.GP64(),
		a.GP64(), a.GP64()
	a.Load(a.Param("u").Len(), blocks)
	a.SHRQ(operand.U8(8), blocks) // ir.Lanes·ir.Lanes weights each
	a.Load(a.Param("step"), step)
	a.SHLQ(operand.U8(2), step) // floatBytes each
	a.SUBQ(operand.U32(ir.Lanes*floatBytes), step)
	a.Load(a.Param("tiles"), left)
	a.eachGroup(left, func(tiles int) {
		sums := a.vectors(tiles * a.parts())
		for _, sum := range sums {
			a.zero(sum)
		}
		v, u := a.copyOf(v), a.copyOf(u)
		a.repeatTimes("block", a.copyOf(blocks), func() {
			a.repeat("channels", ir.Lanes/unrolledChannels, func() {
				for c := range unrolledChannels {
					weights := a.load(u, c*ir.Lanes)
					for tile := range tiles {
						a.addProducts(sums[tile*a.parts():][:a.parts()], weights,
							at(v, tile*ir.Lanes+c))
					}
				}
				a.advance(v, unrolledChannels)
				a.advance(u, unrolledChannels*ir.Lanes)
			})
			a.ADDQ(step, v)
		})
		for i, sum := range sums {
			a.VMOVUPS(sum, at(m, i*a.lanes))
		}
	}, func(tiles int) {
		a.advance(m, tiles*ir.Lanes)
		a.advance(v, tiles*ir.Lanes)
	})
	a.done()
}

// eachGroup emits a loop that takes groups off the tiles that are left: the largest that leaves
// what groups can be made of.
func (a *assembler) eachGroup(left reg.GPVirtual, body, next func(tiles int)) {
	groups := winogradGroups(a.Machine)
	label := func(size int) string { return "tiles" + strconv.Itoa(size) }
	many := 4 * groups[0] // from here on, the largest
	for winograd.Group(groups, many-1) == groups[0] {
		many--
	}
	a.Label("group")
	a.CMPQ(left, operand.U8(many))
	a.JGE(operand.LabelRef(label(groups[0])))
	for _, size := range groups[:len(groups)-1] {
		for n := range many {
			if winograd.Group(groups, n) == size {
				a.CMPQ(left, operand.U8(n))
				a.JEQ(operand.LabelRef(label(size)))
			}
		}
	}
	a.JMP(operand.LabelRef(label(groups[len(groups)-1])))
	for _, size := range groups {
		a.Label(label(size))
		body(size)
		next(size)
		a.SUBQ(operand.U8(size), left)
		a.JG(operand.LabelRef("group"))
		a.JMP(operand.LabelRef("done"))
	}
	a.Label("done")
}

// winogradSum emits the sums over tiles of the products of one of the numbers that they are
// transformed to:
//
//	s[c][lane] += Σ_tile v[tile][c]·h[tile][lane]
func (a *assembler) winogradSum(name string) {
	a.Function(name)
	a.SignatureExpr("func(s, v, h []float32, tiles int)")
	s, v, h, count := a.pointer("s"), a.pointer("v"), a.pointer("h"), a.GP64()
	a.Load(a.Param("tiles"), count)
	limit := min(ir.Lanes, a.tile())
	for from, n := 0, ceil(ir.Lanes, limit); n > 0; n-- {
		channels := ceil(ir.Lanes-from, n)
		sums := a.vectors(channels * a.parts())
		for i, sum := range sums {
			a.VMOVUPS(at(s, from*ir.Lanes+i*a.lanes), sum)
		}
		v, h := a.copyOf(v), a.copyOf(h)
		a.unrolled("tile", a.copyOf(count), unrolledTiles, func(tiles int) {
			for tile := range tiles {
				gradient := a.load(h, tile*ir.Lanes)
				for c := range channels {
					a.addProducts(sums[c*a.parts():][:a.parts()], gradient,
						at(v, tile*ir.Lanes+from+c))
				}
			}
			a.advance(v, tiles*ir.Lanes)
			a.advance(h, tiles*ir.Lanes)
		})
		for i, sum := range sums {
			a.VMOVUPS(sum, at(s, from*ir.Lanes+i*a.lanes))
		}
		from += channels
	}
	a.done()
}

// unrolled emits body in a loop of some rounds at a time, and in one of single rounds for the rest.
func (a *assembler) unrolled(
	name string, rounds reg.GPVirtual, unroll int, body func(rounds int),
) {
	a.labels++
	one, more, done := name+"One"+strconv.Itoa(a.labels), name+strconv.Itoa(a.labels),
		name+"Done"+strconv.Itoa(a.labels)
	a.SUBQ(operand.U8(unroll), rounds)
	a.JL(operand.LabelRef(one + "s"))
	a.Label(more)
	body(unroll)
	a.SUBQ(operand.U8(unroll), rounds)
	a.JGE(operand.LabelRef(more))
	a.Label(one + "s")
	a.ADDQ(operand.U8(unroll), rounds)
	a.JEQ(operand.LabelRef(done))
	a.Label(one)
	body(1)
	a.DECQ(rounds)
	a.JNZ(operand.LabelRef(one))
	a.Label(done)
}

func ceil(a, b int) int { return (a + b - 1) / b }
