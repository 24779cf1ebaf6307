package goasm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
)

// TestLoops runs random elementwise loops and wants the bits that plain Go computes, in results and
// everywhere else.
func TestLoops(t *testing.T) {
	h := newHarness(t)
	r := rand.New(rand.NewPCG(21, 22))
	seen := map[string]int{}
	for i := range 120 {
		d := &drawing{rand: r, seen: map[string]bool{}}
		d.draw()
		twins := &Twins{}
		name := fmt.Sprint("loop", i)
		if _, ok := twins.Loop(name, d.loop, d.names()); !ok {
			seen["none"]++
			continue
		}
		for what := range d.seen {
			seen[what]++
		}
		h.loop(name, d, twins.emits[0])
	}
	h.run()
	for _, what := range []string{"block", "run", "turned", "border", "integers", "count", "multiple",
		"in place", "sums of the caller", "folds", "few lanes", "any lanes", "padded folds",
		"lanes without memory", "turned lanes", "lanes with a border"} {
		if seen[what] < 4 {
			t.Errorf("%d of the loops have %s: %v", seen[what], what, seen)
		}
	}
	if seen["none"] > 8 {
		t.Errorf("%d of the loops have no twin", seen["none"])
	}
}

// TestSquaresOfOneValue sums up the squares of one value for a loop and for the one around it, in
// memory, as there are not registers for both.
func TestSquaresOfOneValue(t *testing.T) {
	h := newHarness(t)
	d := &drawing{rand: rand.New(rand.NewPCG(3, 4)), seen: map[string]bool{"block": true},
		counts: []int{3, 5, Lanes}, place: map[int]int{}}
	d.loop.Elements = math.MaxInt
	for _, n := range d.counts {
		d.loop.Axes = append(d.loop.Axes, plan.FunctionAxis{Count: n, Param: -1})
	}
	d.loop.Args = []plan.View{d.tensor("[]float32", []bool{true, true, true}, false)}
	d.loop.Line = scalar.Linearize(scalar.X(0))
	for level := range 2 {
		n := len(d.loop.Sums)
		for _, kind := range []plan.SumKind{plan.Total, plan.Squares} {
			d.loop.Sums = append(d.loop.Sums, plan.Sum{Kind: kind, Level: level, Param: -1,
				Stride: []int{0, 0, 1}})
		}
		target := d.tensor("[]float32", []bool{level > 0, false, true}, false)
		d.loop.Folds = append(d.loop.Folds, plan.FunctionFold{Fold: "var", Count: 15, Sum: n,
			Squares: n + 1, Targets: []plan.View{target}})
	}
	twins := &Twins{}
	if _, ok := twins.Loop("squares", d.loop, d.names()); !ok {
		t.Fatal("no twin")
	}
	h.loop("squares", d, twins.emits[0])
	h.run()
}

// TestCopyBesideResultInPlace stores a result in place of an argument that another result copies.
func TestCopyBesideResultInPlace(t *testing.T) {
	h := newHarness(t)
	d := &drawing{rand: rand.New(rand.NewPCG(1, 2)), seen: map[string]bool{"block": true},
		counts: []int{3, Lanes}, place: map[int]int{}}
	d.loop.Elements = math.MaxInt
	d.loop.Axes = []plan.FunctionAxis{{Count: 3, Param: -1}, {Count: Lanes, Param: -1}}
	x := d.tensor("[]float32", []bool{true, true}, false)
	d.loop.Args = []plan.View{x, d.tensor("[]float32", []bool{true, true}, false)}
	d.loop.Line = scalar.Linearize(scalar.MustParse("x1 + 1"), scalar.X(0))
	y := x
	y.Param = d.param("[]float32", 1)
	d.place[y.Param] = x.Param
	copied := d.tensor("[]float32", []bool{true, true}, false)
	for i, out := range []plan.View{y, copied} {
		d.loop.Outs = append(d.loop.Outs,
			plan.FunctionOut{View: out, Instr: d.loop.Line.Result[i]})
	}
	twins := &Twins{}
	if _, ok := twins.Loop("copy", d.loop, d.names()); !ok {
		t.Fatal("no twin")
	}
	h.loop("copy", d, twins.emits[0])
	h.run()
}

// loop adds the function and a call of it.
func (h *harness) loop(name string, d *drawing, emit func(a *assembler, name string)) {
	var form []string
	for i, p := range d.loop.Params {
		buffer := i
		if b, ok := d.place[i]; ok {
			buffer = b
		}
		switch {
		case p == "[]float32":
			form = append(form, fmt.Sprintf("a[%d]", buffer))
		case p == "float32":
			form = append(form, fmt.Sprintf("a[%d][0]", i))
		case p == "int" && i == d.loop.Axes[len(d.counts)-1].Param:
			form = append(form, fmt.Sprintf("n[%d]", len(d.counts)-1))
		case p == "int":
			form = append(form, "n[0]")
		case p == "[]int32":
			form = append(form, fmt.Sprintf(
				"unsafe.Slice((*int32)(unsafe.Pointer(&a[%d][0])), len(a[%d]))", i, i))
		default:
			form = append(form, fmt.Sprintf("(%s)(unsafe.Pointer(&a[%d][0]))", p, i))
		}
	}
	h.emit(name, strings.Join(form, ", "), emit)
	args := d.contents()
	want := make([][]float32, len(args))
	for i, a := range args {
		want[i] = slices.Clone(a)
	}
	seen := slices.Clone(want)
	for i, b := range d.place {
		seen[i] = want[b]
	}
	runReference(d.loop, seen, d.counts)
	for _, m := range Machines() {
		if runs[m.Name] {
			h.calls = append(h.calls, call{name + m.Suffix, args, d.counts})
			h.wants = append(h.wants, wanted{all: want})
		}
	}
}

// drawing is a random loop.
type drawing struct {
	rand   *rand.Rand
	loop   plan.Function
	counts []int
	sizes  []int       // of the parameters, in numbers of 32 bits
	place  map[int]int // the parameters whose memory others share
	seen   map[string]bool
	border plan.Border
}

func (d *drawing) draw() {
	d.loop.Elements, d.place = math.MaxInt, map[int]int{}
	if d.rand.IntN(2) == 0 {
		d.loop.Work.Bytes = 1 << 30 // such loops are unrolled less
	}
	d.axes()
	for range 1 + d.rand.IntN(4) {
		d.argument()
	}
	var exprs []*scalar.Expr
	for range 1 + d.rand.IntN(3) {
		exprs = append(exprs, d.expr(2+d.rand.IntN(3)))
	}
	d.loop.Line = scalar.Linearize(exprs...)
	for _, instr := range d.loop.Line.Result {
		if d.seen["block"] && len(d.loop.Axes) > 1 && d.rand.IntN(2) == 0 {
			d.fold(instr)
		} else {
			d.out(instr)
		}
	}
}

// axes draws a block of lanes within some loops, or a run; sometimes planes with a border.
func (d *drawing) axes() {
	var counts []int
	for range d.rand.IntN(3) {
		counts = append(counts, 1+d.rand.IntN(20))
	}
	last := Lanes
	if d.rand.IntN(3) == 0 {
		last = 16 + d.rand.IntN(70)
		d.seen["run"] = true
	} else {
		d.seen["block"] = true
	}
	d.counts = append(counts, last)
	if d.rand.IntN(4) == 0 && len(counts) == 2 {
		d.border = plan.Border{Rows: counts[0], Columns: counts[1], Top: d.rand.IntN(3),
			Left: 1 + d.rand.IntN(2), Lanes: last}
		if d.seen["run"] {
			d.counts = []int{counts[0], last}
			d.border.Columns, d.border.Lanes = last, 1
		}
		d.seen["border"] = true
	}
	for _, n := range d.counts {
		d.loop.Axes = append(d.loop.Axes, plan.FunctionAxis{Count: n, Param: -1})
	}
	d.lanes()
	if !d.seen["border"] && (len(counts) == 0 && d.seen["run"] || len(counts) > 0) &&
		d.rand.IntN(3) == 0 {
		d.seen["count"] = true
		multiple := 0
		if d.rand.IntN(2) == 0 {
			multiple = 1 << d.rand.IntN(7)
			d.counts[0] = multiple * (1 + d.rand.IntN(3))
			if d.seen["run"] && len(counts) == 0 {
				d.counts[0] = max(d.counts[0], Lanes)
			}
			d.seen["multiple"] = true
		}
		d.loop.Axes[0] = plan.FunctionAxis{Count: d.counts[0], Param: d.param("int", 0),
			Multiple: multiple}
		d.counts[0] -= max(1, multiple) * d.rand.IntN(min(2, d.counts[0]/max(1, multiple)))
	}
}

// lanes makes some blocks of lanes such that are not full, or need not be.
func (d *drawing) lanes() {
	last := len(d.counts) - 1
	if !d.seen["block"] || d.rand.IntN(2) == 0 {
		return
	}
	d.counts[last] = 1 + d.rand.IntN(Lanes-1)
	a := plan.FunctionAxis{Count: d.counts[last], Param: -1, Lanes: true}
	d.note("few lanes", d.rand.IntN(2) == 0)
	if !d.seen["few lanes"] {
		d.counts[last] += d.rand.IntN(2)
		a.Count, a.Param = Lanes, d.param("int", 0)
		d.note("any lanes", true)
	}
	d.note("lanes with a border", d.seen["border"])
	d.loop.Axes[last] = a
}

// note notes that the loop has something.
func (d *drawing) note(what string, has bool) {
	if has {
		d.seen[what] = true
	}
}

// edged reports whether blocks of lanes may not be full.
func (d *drawing) edged() bool { return d.loop.Axes[len(d.counts)-1].Lanes }

// param adds a parameter.
func (d *drawing) param(typ string, size int) int {
	n := len(d.loop.Params)
	d.loop.Params = append(d.loop.Params, typ)
	d.sizes = append(d.sizes, size)
	return n
}

// names names the parameters.
func (d *drawing) names() []string {
	names := make([]string, len(d.loop.Params))
	for i := range names {
		names[i] = fmt.Sprint("p", i)
	}
	return names
}

// tensor adds a tensor that moves along some of the axes, with gaps.
func (d *drawing) tensor(typ string, moves []bool, turned bool) plan.View {
	last := len(d.counts) - 1
	t := plan.View{Stride: make([]int, last+1), Base: 0}
	t.Padded = d.edged() && moves[last] && !turned && d.rand.IntN(2) == 0
	counts := make([]int, last+1)
	for i, a := range d.loop.Axes {
		counts[i] = a.Count
	}
	switch {
	case t.Padded:
		counts[last] = Lanes
	case d.edged():
		counts[last] = d.counts[last]
		d.note("lanes without memory", moves[last])
		d.note("turned lanes", turned)
	}
	size := 1
	order := make([]int, 0, last+1)
	for i := last; i >= 0; i-- {
		order = append(order, i)
	}
	if turned {
		order[0], order[1] = order[1], order[0]
	}
	for at, i := range order {
		if !moves[i] {
			continue
		}
		t.Stride[i] = size
		size *= counts[i]
		if at > 0 || turned {
			size += d.rand.IntN(3) * Lanes
		}
	}
	end := 1
	for i, stride := range t.Stride {
		end += (counts[i] - 1) * stride
	}
	t.Param = d.param(typ, end)
	return t
}

func (d *drawing) argument() {
	last := len(d.counts) - 1
	moves := make([]bool, last+1)
	switch d.rand.IntN(6) {
	case 0:
		d.loop.Args = append(d.loop.Args, plan.View{Param: d.param("float32", 1)})
		return
	case 1: // the same along all other axes
		moves[last] = true
	case 2:
		for i := range moves {
			moves[i] = d.rand.IntN(2) == 0
		}
	default:
		for i := range moves {
			moves[i] = true
		}
	}
	typ := "[]float32"
	if d.rand.IntN(6) == 0 {
		typ = "[]int32"
		d.seen["integers"] = true
	}
	turned := typ == "[]float32" && d.canTurn(moves)
	d.loop.Args = append(d.loop.Args, d.tensor(typ, moves, turned))
}

func (d *drawing) canTurn(moves []bool) bool {
	last := len(d.counts) - 1
	if d.seen["run"] || last == 0 || !moves[last] || !moves[last-1] || d.rand.IntN(3) > 0 {
		return false
	}
	if d.loop.Axes[last-1].Count == 1 {
		return false // the lanes would not lie apart
	}
	d.seen["turned"] = true
	return true
}

// out stores a result: with a border, in the place of an argument, or in memory of its own.
func (d *drawing) out(instr int) {
	moves := make([]bool, len(d.counts))
	for i := range moves {
		moves[i] = true
	}
	if b := d.border; b != (plan.Border{}) && d.rand.IntN(2) == 0 {
		row := (b.Columns + 2*b.Left) * b.Lanes
		o := plan.FunctionOut{Instr: instr, Border: b}
		o.Padded = d.edged()
		o.Param = d.param("[]float32", (b.Rows+2*b.Top)*row)
		o.Base = b.Top*row + b.Left*b.Lanes
		o.Stride = []int{row, b.Lanes, 1}
		if b.Lanes == 1 {
			o.Stride = []int{row, 1}
		}
		d.loop.Outs = append(d.loop.Outs, o)
		return
	}
	for _, a := range d.loop.Args {
		taken := false
		for _, b := range d.place {
			taken = taken || b == a.Param
		}
		if d.rand.IntN(3) == 0 && !taken && d.loop.Params[a.Param] == "[]float32" &&
			!slices.Contains(a.Stride, 0) {
			o := plan.FunctionOut{View: a, Instr: instr}
			o.Param = d.param("[]float32", 1)
			d.place[o.Param] = a.Param
			d.loop.Outs = append(d.loop.Outs, o)
			d.seen["in place"] = true
			return
		}
	}
	t := d.tensor("[]float32", moves, d.canTurn(moves))
	d.loop.Outs = append(d.loop.Outs, plan.FunctionOut{View: t, Instr: instr})
}

// fold adds up a result, for the caller or for a result of a random kind.
func (d *drawing) fold(instr int) {
	last := len(d.counts) - 1
	kind := []string{"sum", "mean", "var", "max"}[d.rand.IntN(4)]
	level := d.rand.IntN(last+1) - 1
	sum := func(kind plan.SumKind) int {
		s := plan.Sum{Kind: kind, Instr: instr, Level: level, Param: -1,
			Stride: make([]int, last+1)}
		s.Stride[last] = 1
		if level < 0 && kind == plan.Largest {
			s.Param = d.param("*[16]float32", 16)
		} else if level < 0 {
			s.Param = d.param("*[16]float64", 32)
		}
		d.loop.Sums = append(d.loop.Sums, s)
		return len(d.loop.Sums) - 1
	}
	f := plan.FunctionFold{Fold: kind, Partial: d.rand.IntN(2) == 0, Count: 1 + d.rand.IntN(99)}
	f.Counted = d.loop.Axes[0].Param >= 0 && d.rand.IntN(2) == 0
	if kind == "max" {
		f.Sum = sum(plan.Largest)
	} else {
		f.Sum = sum(plan.Total)
	}
	if kind == "var" {
		f.Squares = sum(plan.Squares)
	}
	if level < 0 {
		d.seen["sums of the caller"] = true
		return
	}
	d.seen["folds"] = true
	moves := make([]bool, last+1)
	for i := range moves {
		moves[i] = i < level || i == last
	}
	for range 1 + map[bool]int{true: 1}[kind == "var" && f.Partial] {
		target := d.tensor("[]float32", moves, false)
		f.Targets = append(f.Targets, target)
		d.note("padded folds", target.Padded)
	}
	d.loop.Folds = append(d.loop.Folds, f)
}

// primitives returns those of some number of arguments.
func primitives(arity int) []scalar.Op {
	return slices.DeleteFunc(scalar.Ops(), func(o scalar.Op) bool { return o.Arity() != arity })
}

// expr draws an expression of some depth, without simplifying it.
func (d *drawing) expr(depth int) *scalar.Expr {
	if depth == 0 || d.rand.IntN(8) == 0 {
		if d.rand.IntN(4) == 0 {
			list := []float64{0, 1, -0.5, 0.1, math.Copysign(0, -1), math.Inf(1), 3e38}
			return scalar.C(float64(float32(list[d.rand.IntN(len(list))])))
		}
		return scalar.X(d.rand.IntN(len(d.loop.Args)))
	}
	arity := []int{1, 1, 2, 2, 2, 2, 2, 2, 3, 3}[d.rand.IntN(10)]
	ops := primitives(arity)
	switch arity {
	case 1: // the functions of one instruction or two more often than those of many
		ops = append(ops, scalar.Neg, scalar.Sqrt, scalar.Rsqrt)
	case 2: // arithmetic more often than comparisons
		ops = append(ops, scalar.Add, scalar.Sub, scalar.Mul)
	}
	e := &scalar.Expr{Op: ops[d.rand.IntN(len(ops))]}
	for i := range e.Op.Arity() {
		e.Args[i] = d.expr(depth - 1)
	}
	return e
}

// contents draws what the parameters hold: numbers of all sizes and kinds.
func (d *drawing) contents() [][]float32 {
	special := []float32{0, float32(math.Copysign(0, -1)), float32(math.Inf(1)),
		float32(math.Inf(-1)), float32(math.NaN()), math.SmallestNonzeroFloat32, -1e-40,
		math.MaxFloat32, 1, 88.7, -87.4, -103.9}
	args := make([][]float32, len(d.sizes))
	for i, size := range d.sizes {
		args[i] = make([]float32, size)
		for k := range args[i] {
			switch {
			case d.loop.Params[i] == "[]int32":
				args[i][k] = math.Float32frombits(d.rand.Uint32N(20))
			case strings.HasPrefix(d.loop.Params[i], "*"):
				args[i][k] = float32(d.rand.IntN(5))
			case d.rand.IntN(30) == 0:
				args[i][k] = special[d.rand.IntN(len(special))]
			default:
				args[i][k] = float32(d.rand.NormFloat64() * math.Exp(d.rand.NormFloat64()*2))
			}
		}
	}
	return args
}
