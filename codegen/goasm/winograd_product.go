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

// winogradGroups returns how many tiles winogradProduct takes at once, the most first: as many as
// there are registers for their sums, or fewer where tiles are left that make no such group.
func winogradGroups(m Machine) []int {
	groups := winograd.Groups()
	if m.parts() == 1 {
		groups = append([]int{2 * groups[0]}, groups...)
	}
	return groups
}

// cacheBlock is how many blocks of channels all tiles pass over before the next: their weights
// stay in the first-level cache meanwhile.
const cacheBlock = 16

// winogradProduct emits the matrix product of one of the numbers that tiles are transformed to:
//
//	m[tile][lane] = Σ_c v[c][tile]·u[c][lane]
func (a *assembler) winogradProduct() {
	m, v, left := a.pointer("m"), a.pointer("v"), a.GP64()
	p := tileProduct{a: a, u: a.pointer("u"), step: a.bytes("step"), blocks: a.GP64(),
		left: a.AllocLocal(8)}
	a.MOVQ(p.allBlocks(), p.left)
	a.whilePositive("near", p.left, cacheBlock, func() {
		a.set(p.blocks, cacheBlock)
		a.CMPQ(p.blocks, p.left)
		a.CMOVQGT(p.left, p.blocks)
		a.Load(a.Param("tiles"), left)
		p.m, p.v, p.ahead = a.copyOf(m), a.copyOf(v), a.copyOf(p.u)
		a.advance(p.ahead, cacheBlock*Lanes*Lanes)
		a.eachGroup(left, p.group, func(tiles int) {
			a.advance(p.m, tiles*Lanes)
			a.advance(p.v, tiles*Lanes)
		})
		a.advance(p.u, cacheBlock*Lanes*Lanes)
		skip := a.GP64()
		a.IMUL3Q(operand.U32(cacheBlock), p.step, skip)
		a.ADDQ(skip, v)
	})
	a.done()
}

// tileProduct is a product in the making: where its operands are for the next tiles, in the first
// of the blocks of channels that are in the cache.
type tileProduct struct {
	a              *assembler
	m, v, u, ahead reg.GPVirtual // ahead: the weights that come next
	step, blocks   reg.GPVirtual
	left           operand.Mem // blocks from here on
}

// allBlocks returns how many blocks of channels there are.
func (p *tileProduct) allBlocks() reg.GPVirtual {
	n := p.a.GP64()
	p.a.Load(p.a.Param("u").Len(), n)
	p.a.SHRQ(operand.U8(8), n) // Lanes·Lanes weights each
	return n
}

// group adds the products of these blocks to the sums of some tiles. Meanwhile it fetches the
// tiles' numbers of the next block, and weights that come next.
func (p *tileProduct) group(tiles int) {
	sums := p.a.named("sums", tiles*p.a.parts())
	for _, sum := range sums {
		p.a.zero(sum)
	}
	first := operand.LabelRef("first" + strconv.Itoa(tiles))
	p.a.CMPQ(p.allBlocks(), p.left)
	p.a.JEQ(first)
	for i, sum := range sums {
		p.a.VMOVUPS(at(p.m, i*p.a.lanes), sum)
	}
	p.a.Label(string(first))
	v, u := p.a.copyOf(p.v), p.a.copyOf(p.u)
	const rounds = Lanes / unrolledChannels
	p.a.repeatTimes("block", p.a.copyOf(p.blocks), func() {
		next := p.a.copyOf(v)
		p.a.ADDQ(p.step, next)
		p.a.repeat("channels", rounds, func() {
			for tile := range ir.Ceil(tiles, rounds) {
				p.a.PREFETCHT0(at(next, tile*Lanes))
			}
			p.a.PREFETCHT1(at(p.ahead, 0))
			for c := range unrolledChannels {
				weights := p.a.load(u, c*Lanes)
				for tile := range tiles {
					p.a.addProducts(sums[tile*p.a.parts():][:p.a.parts()], weights,
						at(v, tile*Lanes+c))
				}
			}
			p.a.advance(next, ir.Ceil(tiles, rounds)*Lanes)
			p.a.advance(p.ahead, lineFloats)
			p.a.advance(v, unrolledChannels)
			p.a.advance(u, unrolledChannels*Lanes)
		})
		p.a.advance(v, -Lanes)
		p.a.ADDQ(p.step, v)
	})
	for i, sum := range sums {
		p.a.VMOVUPS(sum, at(p.m, i*p.a.lanes))
	}
}

// eachGroup emits a loop that takes groups off the tiles that are left: the largest that leaves
// what groups can be made of.
func (a *assembler) eachGroup(left reg.GPVirtual, body, next func(tiles int)) {
	groups := winogradGroups(a.Machine)
	label := func(size int) string { return "together" + strconv.Itoa(size) }
	many := 4 * groups[0] // from here on, the largest
	for winograd.Group(groups, many-1) == groups[0] {
		many--
	}
	a.Label("size")
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
		a.JG(operand.LabelRef("size"))
		a.JMP(operand.LabelRef("allTiles"))
	}
	a.Label("allTiles")
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
