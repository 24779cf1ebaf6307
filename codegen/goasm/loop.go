package goasm

import (
	"math/bits"
	"strconv"
	"strings"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/gradc/gradc/compiler/plan"
)

// loop is a function of a nest with the names of its parameters.
type loop struct {
	plan.Function
	names []string
}

// Loop promises the function of a nest, whose parameters have the given names: in assembly for every
// machine, under a name and the machine's suffix. It returns that name, which may be one it promised
// earlier for a function that is the same, and reports false if there is no such function.
func (t *Twins) Loop(name string, f plan.Function, params []string) (string, bool) {
	l := loop{f, params}
	if l.Elements < minElements || !t.worth(l.Work) {
		return "", false
	}
	key := l.Key()
	if known, ok := t.loops[key]; ok {
		return known, known != ""
	}
	if t.loops == nil {
		t.loops = map[string]string{}
	}
	forms := map[string]form{}
	for _, m := range Machines() {
		f, ok := m.formOf(l)
		if !ok {
			t.loops[key] = ""
			return "", false
		}
		forms[m.Name] = f
	}
	t.loops[key] = name
	t.promise(name, t.avx2OnlyLoop(l), func(a *assembler, name string) {
		newLoop(a, l, forms[a.Name]).function(name)
	})
	return name, true
}

// minElements is the number of elements from which on a function is worth its text.
const minElements = 4096

// loopEmitter emits one function of a nest.
type loopEmitter struct {
	a *assembler
	form
	l       loop
	code    []vinstr
	at      []place      // of code
	users   [][]int      // of code: the instructions that use it, noArgument for results
	demands []int        // of code: registers to compute it, 0 if not known yet
	ranks   map[spot]int // of the values that are kept, the worthiest first
	home    map[spot]int // registers, or slots behind them, of values that are known in front of loops

	file     registers             // vectors
	masks    registers             // of comparisons, where they have registers of their own
	pointers map[int]reg.GPVirtual // to tensors that move, by parameter
	still    map[int]reg.GPVirtual // to others that were read just now; nil if that is not of use
	memory   reg.GPVirtual         // tiles of tensors that are turned, and the slots
	scratch  map[int]int           // tiles in the memory, by parameter
	cursor   reg.GPVirtual         // the element within the tiles
	sums     [][]int               // registers of each sum, or slots behind them
	present  int                   // a mask of the lanes that there are, or its first slot
	roots    []root

	taken  int // slots
	shift  int // iterations of the loop around the element that its addresses are ahead
	body   int // instructions for one element, or one vector of a run
	failed bool
}

// place says where in the nest the value of an instruction is known.
type place struct {
	level int  // the loop in front of which it is; the number of loops within the innermost
	lanes bool // whether it differs along the last axis
}

// spot is a value for one of the registers that a block of lanes takes.
type spot struct{ instr, part int }

// root is a value that is stored or summed up.
type root struct {
	instr int
	outs  []int
	sums  []int
}

func newLoop(a *assembler, l loop, f form) *loopEmitter {
	e := &loopEmitter{a: a, form: f, l: l, home: map[spot]int{},
		pointers: map[int]reg.GPVirtual{}, sums: make([][]int, len(l.Sums)), scratch: map[int]int{},
		file: newRegisters(0, a.registers), masks: newRegisters(1, 8)}
	line := lower(l)
	add := func(instr int) *root {
		k := line.value(instr)
		for i := range e.roots {
			if e.roots[i].instr == k {
				return &e.roots[i]
			}
		}
		e.roots = append(e.roots, root{instr: k})
		return &e.roots[len(e.roots)-1]
	}
	for i, o := range l.Outs {
		r := add(o.Instr)
		r.outs = append(r.outs, i)
	}
	for i, s := range l.Sums {
		r := add(s.Instr)
		r.sums = append(r.sums, i)
	}
	e.code = line.code
	e.places()
	e.findTurned()
	return e
}

// loops is the number of loops around the last axis.
func (e *loopEmitter) loops() int { return len(e.l.Axes) - 1 }

// places finds where the values of the instructions are known.
func (e *loopEmitter) places() {
	last := e.loops()
	e.at, e.demands = make([]place, len(e.code)), make([]int, len(e.code))
	for k, in := range e.code {
		p := &e.at[k]
		if in.op == vLoad {
			for i, stride := range e.l.Args[in.imm].Stride {
				if stride != 0 && i < last {
					p.level = i + 1
				}
				p.lanes = p.lanes || stride != 0 && i == last
			}
		}
		for _, a := range in.args {
			if a != noArgument {
				p.level = max(p.level, e.at[a].level)
				p.lanes = p.lanes || e.at[a].lanes
			}
		}
	}
	e.findUsers()
}

// inBody reports whether an instruction is computed for every element.
func (e *loopEmitter) inBody(k int) bool {
	if e.blocks {
		return e.at[k].level == e.loops()
	}
	return e.at[k].lanes
}

// function emits the function.
func (e *loopEmitter) function(name string) {
	var params []string
	for i, p := range e.l.Params {
		params = append(params, e.l.names[i]+" "+p)
	}
	e.a.begin(name, strings.Join(params, ", "), e.l.formulas()...)
	if size := len(e.scratch)*turnSize*Lanes + e.slots*e.a.lanes; size > 0 {
		local := e.a.AllocLocal((size + Lanes) * floatBytes)
		e.memory = e.a.GP64()
		e.a.LEAQ(local.Offset(Lanes*floatBytes-1), e.memory)
		e.a.ANDQ(operand.I8(-Lanes*floatBytes), e.memory)
	}
	e.clearBorders()
	e.clearTiles()
	e.openEdge()
	e.loadPointers()
	e.loadSums()
	e.nest(0)
	e.storeSums()
	e.a.done()
}

func (e *loopEmitter) clearBorders() {
	for _, o := range e.l.Outs {
		if b := o.Border; b != (plan.Border{}) {
			zero := e.broadcast(0)
			e.a.fillBorder(plane{rows: b.Rows, columns: b.Columns, pixel: b.Lanes,
				row:    (b.Columns + 2*b.Left) * b.Lanes,
				border: [2]int{b.Top, b.Left}}, e.pointerTo(o.Param), e.a.full(zero), e.a.quarter(zero))
			e.file.put(zero)
		}
	}
}

// pointerTo loads the address of a tensor.
func (e *loopEmitter) pointerTo(param int) reg.GPVirtual { return e.a.pointer(e.l.names[param]) }

// loadPointers loads the addresses of the tensors that move.
func (e *loopEmitter) loadPointers() {
	load := func(t plan.View) {
		if t.Stride != nil && e.movesBy(t) >= 0 {
			e.pointers[t.Param] = e.pointerTo(t.Param)
		}
	}
	for _, t := range e.tensors() {
		load(t)
	}
	if len(e.pointers) > maxPointers {
		e.failed = true
	}
}

// maxPointers leaves room for counters.
const maxPointers = 9

// tensors returns all operands.
func (e *loopEmitter) tensors() []plan.View {
	var list []plan.View
	for _, o := range e.l.Outs {
		list = append(list, o.View)
	}
	list = append(list, e.l.Args...)
	for _, f := range e.l.Folds {
		list = append(list, f.Targets...)
	}
	return list
}

// movesBy returns the innermost loop that a tensor's pointer moves with, -1 if it stands still.
func (e *loopEmitter) movesBy(t plan.View) int {
	by := -1
	for i, stride := range t.Stride {
		if stride != 0 && (i < e.loops() || !e.blocks) {
			by = i
		}
	}
	return by
}

// nest emits the loops from i on.
func (e *loopEmitter) nest(i int) {
	e.openSums(i)
	kept := e.hoist(i)
	switch {
	case i < e.loops():
		e.loop(i)
	case e.blocks:
		for part := range e.parts() {
			e.element(part, part*e.a.lanes, false)
		}
	default:
		e.run()
	}
	e.closeSums(i)
	for _, s := range kept {
		if r := e.home[s]; r < e.a.registers {
			e.file.put(r)
		}
		delete(e.home, s)
	}
}

// loop emits the loop over axis i.
func (e *loopEmitter) loop(i int) {
	side := 1
	if e.blocks && i == e.loops()-1 {
		side = e.unroll
	}
	body := func() {
		for e.shift = range side {
			e.nest(i + 1)
		}
		e.shift = 0
		back := 0 // whether the pointers stand where the loop within has left them
		if i+1 < len(e.l.Axes) && (i+1 < e.loops() || !e.blocks) {
			back = e.l.Axes[i+1].Count
		}
		e.move(func(t plan.View) int {
			by := side * t.Stride[i]
			if back > 0 {
				by -= back * t.Stride[i+1]
			}
			return by
		})
	}
	if len(e.scratch) > 0 && i == e.loops()-1 {
		e.turnedTiles(i)
		return
	}
	a := e.l.Axes[i]
	switch {
	case a.Param < 0:
		e.a.repeat("times", a.Count/side, body)
	case a.Multiple == 0:
		e.repeatUnlessNone("times", e.count(a.Param), body)
	default:
		e.a.repeatTimes("times", e.countOf(e.count(a.Param), side), body)
	}
}

// move advances the pointers of the tensors that move.
func (e *loopEmitter) move(by func(t plan.View) int) {
	done := map[int]bool{}
	for _, t := range e.tensors() {
		if p, ok := e.pointers[t.Param]; ok && !done[t.Param] {
			e.a.advance(p, by(t))
			done[t.Param] = true
		}
	}
}

// countOf divides a count by a power of two.
func (e *loopEmitter) countOf(count reg.GPVirtual, size int) reg.GPVirtual {
	if size > 1 {
		e.a.SHRQ(operand.U8(bits.Len(uint(size))-1), count)
	}
	return count
}

// count loads a parameter that holds a count.
func (e *loopEmitter) count(param int) reg.GPVirtual {
	n := e.a.GP64()
	e.a.Load(e.a.Param(e.l.names[param]), n)
	return n
}

// repeatUnlessNone emits body in a loop that counts a register down to 0, which it may be already.
func (e *loopEmitter) repeatUnlessNone(name string, count reg.GPVirtual, body func()) {
	e.a.labels++
	end := name + "End" + strconv.Itoa(e.a.labels)
	e.a.TESTQ(count, count)
	e.a.JZ(operand.LabelRef(end))
	e.a.repeatTimes(name, count, body)
	e.a.Label(end)
}

// run emits the last axis: vectors, several at a time and then one at a time, and the elements that
// are left.
func (e *loopEmitter) run() {
	axis := e.l.Axes[e.loops()]
	section := func(size, side int, single bool, count func(body func())) {
		count(func() {
			for i := range side {
				e.element(0, i*size, single)
			}
			e.move(func(t plan.View) int { return side * size * t.Stride[e.loops()] })
		})
	}
	wide, vector := e.a.lanes*e.unroll, e.a.lanes
	if axis.Param < 0 {
		times := func(n int) func(body func()) {
			return func(body func()) {
				if n > 0 {
					e.a.repeat("run", n, body)
				}
			}
		}
		n := axis.Count
		section(vector, e.unroll, false, times(n/wide))
		section(vector, 1, false, times(n%wide/vector))
		section(1, 1, true, times(n%vector))
		return
	}
	n := e.count(axis.Param)
	times := func(size, limit int) func(body func()) {
		return func(body func()) {
			if limit > 0 && axis.Multiple > 0 && axis.Multiple%limit == 0 {
				return // nothing is left
			}
			c := e.a.copyOf(n)
			if limit > 0 {
				e.a.ANDQ(operand.U32(limit-1), c)
			}
			e.repeatUnlessNone("run", e.countOf(c, size), body)
		}
	}
	section(vector, e.unroll, false, times(wide, 0))
	if e.unroll > 1 {
		section(vector, 1, false, times(vector, wide))
	}
	section(1, 1, true, times(1, vector))
}

// unrolled returns how many elements or vectors side by side make a body of some size.
func (e *loopEmitter) unrolled() int {
	side, limit := 1, maxBody
	if memoryBound(e.l.Work) {
		limit /= 2 // a few more instructions do not matter
	}
	for 2*side*e.body <= limit && side < maxSide {
		if e.blocks && len(e.scratch) == 0 && (e.loops() == 0 || e.multiple()%(2*side) != 0) {
			break
		}
		side *= 2
	}
	return side
}

// multiple returns what the iterations of the loop around a block are a multiple of.
func (e *loopEmitter) multiple() int {
	a := e.l.Axes[e.loops()-1]
	if a.Param >= 0 {
		return max(1, a.Multiple)
	}
	return a.Count
}

// A body of more instructions is not made longer.
const (
	maxBody = 40
	maxSide = 4
)
