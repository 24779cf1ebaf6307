package goasm

import (
	"cmp"
	"math"
	"slices"

	"github.com/mmcloughlin/avo/reg"
)

// This file decides which values are computed in front of loops, and where they are kept.

// hoist computes the values that are known in front of loop i and used further in.
func (e *loopEmitter) hoist(i int) []spot {
	var list []spot
	for k := range e.code {
		if e.at[k].level != i || !e.isHoisted(k) {
			continue
		}
		parts := 1
		if e.at[k].lanes {
			parts = e.parts()
		}
		e.still = map[int]reg.GPVirtual{}
		for part := range parts {
			s := spot{k, part}
			e.home[s] = e.keep(s)
			list = append(list, s)
		}
		e.still = nil
	}
	return list
}

// keep computes a value and returns the register or the slot that it stays in.
func (e *loopEmitter) keep(s spot) int {
	v := e.values(s.part, s.part*e.a.lanes, false)
	v.count(s.instr)
	before := e.body
	v.compute(s.instr)
	e.body = before
	r := v.in[s.instr]
	if e.rank(s) < e.kept {
		return r
	}
	slot := e.slot()
	e.a.VMOVUPS(e.a.full(r), e.place(slot))
	e.file.put(r)
	return slot
}

// isHoisted reports whether a value is computed in front of a loop and used within. The results of
// comparisons are not: they are computed where they are used.
func (e *loopEmitter) isHoisted(k int) bool {
	return !e.inBody(k) && e.code[k].op != vCompare && e.innermost(k) > e.at[k].level
}

// innermost returns the level of the innermost use of a value, -1 if there is none.
func (e *loopEmitter) innermost(k int) int {
	level := -1
	for _, u := range e.users[k] {
		switch {
		case u == noArgument || e.inBody(u):
			return math.MaxInt
		case e.code[u].op == vCompare:
			level = max(level, e.innermost(u))
		case len(e.users[u]) > 0:
			level = max(level, e.at[u].level)
		}
	}
	return level
}

// findUsers finds by which instructions values are used; noArgument stands for results.
func (e *loopEmitter) findUsers() {
	e.users = make([][]int, len(e.code))
	var visit func(k, user int)
	visit = func(k, user int) {
		e.users[k] = append(e.users[k], user)
		if len(e.users[k]) > 1 {
			return
		}
		for _, a := range e.code[k].args {
			if a != noArgument {
				visit(a, k)
			}
		}
	}
	for _, r := range e.roots {
		visit(r.instr, noArgument)
	}
}

// rank returns the place of a value in the order in which they are given registers: first those
// that save most instructions.
func (e *loopEmitter) rank(s spot) int {
	if e.ranks == nil {
		e.ranks = e.ranking()
	}
	return e.ranks[s]
}

func (e *loopEmitter) ranking() map[spot]int {
	var list []spot
	for k := range e.code {
		if !e.isHoisted(k) {
			continue
		}
		list = append(list, spot{k, 0})
		for part := 1; part < e.parts() && e.at[k].lanes; part++ {
			list = append(list, spot{k, part})
		}
	}
	slices.SortStableFunc(list, func(a, b spot) int {
		return cmp.Compare(e.weight(b.instr), e.weight(a.instr))
	})
	ranks := map[spot]int{}
	for i, s := range list {
		ranks[s] = i
	}
	return ranks
}

// weight counts the uses of a value for every element. Those count twice that must be in a
// register.
func (e *loopEmitter) weight(k int) int {
	weight := 0
	for _, u := range e.users[k] {
		if u == noArgument || !e.inBody(u) {
			continue
		}
		weight++
		in := e.code[u]
		if in.op == vBlend && in.args[2] == k || in.op != vBlend && in.op != vKeep &&
			in.args[0] == k && !commutes[in.op] {
			weight++
		}
	}
	return weight
}
