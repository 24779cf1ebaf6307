package gosrc

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// part says what of an axis of the domain a loop runs over.
type part uint8

const (
	whole part = iota
	block      // blocks of ir.Lanes
	lane       // within a block
)

// axis is one loop of a nest.
type axis struct {
	name   string // of the loop variable
	of     int    // axis of the domain; of merged axes the outermost
	part   part
	size   int  // iterations, of a cut axis over all its pieces
	pieces int  // that cut the axis, 1 if none do
	unit   int  // iterations that stay in one piece, before others merged into the axis
	inner  int  // iterations of this axis per element of the cut axis, where others merged into it
	ragged bool // lanes whose last block is not full
	full   int  // size of the axis of the domain that blocks or lanes are of
	sized  bool // the function gets the number of iterations as an argument, though it is fixed
}

// single reports whether a task covers one iteration of the axis only.
func (a *axis) single() bool { return a.pieces == a.size && a.inner == 1 }

// partly reports whether a is blocks of which the last is not full.
func (a *axis) partly() bool {
	return a.part == block && a.size > 1 && a.full%ir.Lanes != 0
}

// short reports whether a is lanes of which there are fewer in a block, or in the last of several.
func (a *axis) short() bool { return a.part == lane && a.full%ir.Lanes != 0 }

// count returns the number of iterations in one task, and whether it is the same for all.
func (a *axis) count() (int, bool) {
	c := a.cut()
	even := a.pieces == 1 || c.Units()%c.Pieces == 0 && c.Size%c.Unit == 0
	return c.Most() * a.inner, even && !a.ragged
}

// cut returns how the axis is divided, before others merged into it.
func (a *axis) cut() plan.Cut {
	return plan.Cut{Size: a.size / a.inner, Unit: a.unit, Pieces: a.pieces}
}

// access is a tensor, or an index into one, that moves with the axes of a nest.
type access struct {
	base   int
	stride []int // by axis of the nest
}

// nest is the loops over a domain.
type nest struct {
	axes     []axis
	accesses []*access
	at       map[*access][]int // strides by axis of the domain, while the nest is made
}

// axisNames are the loop variables by number of axes.
var axisNames = map[int][]string{
	1: {"i"},
	2: {"row", "col"},
	3: {"plane", "row", "col"},
	4: {"image", "channel", "row", "col"},
}

// weightNames are those of weights.
var weightNames = []string{"out", "in", "row", "col"}

// newNest returns the loops over a domain in the order of its layout. Axes that one of the tensors
// has in blocks are cut into blocks and lanes, so that all offsets are sums over the loops'
// variables.
func newNest(domain ir.Type, cuts [2]plan.Cut, tensors []ir.Type) *nest {
	n := &nest{at: map[*access][]int{}}
	split := map[int]bool{}
	for _, t := range append([]ir.Type{domain}, tensors...) {
		if b := blockOf(t); b >= 0 {
			split[b] = true
		}
	}
	var last []axis
	for _, of := range orderOf(domain) {
		a := axis{name: axisName(domain, of), of: of, size: domain.Shape[of], pieces: 1, unit: 1,
			inner: 1}
		if of < 2 && cuts[of].Pieces > 1 {
			a.pieces, a.unit = cuts[of].Pieces, cuts[of].Unit
		}
		if !split[of] {
			n.axes = append(n.axes, a)
			continue
		}
		blocks, lanes := inBlocks(a)
		n.axes = append(n.axes, blocks)
		if of == blockOf(domain) {
			last = append(last, lanes)
		} else {
			n.axes = append(n.axes, lanes)
		}
	}
	n.axes = append(n.axes, last...)
	return n
}

// inBlocks cuts a whole axis into blocks and lanes.
func inBlocks(a axis) (blocks, lanes axis) {
	blocks, lanes = a, a
	blocks.part, blocks.name = block, "block"
	blocks.size = (a.size + ir.Lanes - 1) / ir.Lanes
	lanes.part, lanes.name = lane, "lane"
	blocks.unit = max(1, a.unit/ir.Lanes)
	lanes.size, lanes.pieces, lanes.unit = min(a.size, ir.Lanes), 1, 1
	blocks.full, lanes.full = a.size, a.size
	lanes.ragged = blocks.size > 1 && a.size%ir.Lanes != 0
	return blocks, lanes
}

func axisName(t ir.Type, of int) string {
	list := axisNames[len(t.Shape)]
	switch {
	case t.Layout.Order == ir.OIHW16o || t.Layout.Order == ir.IOHW16i:
		return weightNames[of]
	case list == nil:
		return "i" + strconv.Itoa(of)
	}
	return list[of]
}

// blockOf returns the axis that a type has in blocks, -1 if it has none.
func blockOf(t ir.Type) int {
	if len(t.Shape) != 4 {
		return -1
	}
	return t.Place().Block
}

// orderOf returns the axes of a type, outermost first.
func orderOf(t ir.Type) []int {
	order := make([]int, len(t.Shape))
	for i := range order {
		order[i] = i
	}
	if len(order) == 4 && t.Layout.Order == ir.IOHW16i {
		order[0], order[1] = 1, 0
	}
	return order
}

// tensor adds a tensor whose sizes are those of the domain or 1, along which it repeats.
func (n *nest) tensor(domain ir.Shape, t ir.Type) *access {
	p := t.Place()
	stride := make([]int, len(domain))
	for i := range domain {
		if t.Shape[i] > 1 {
			stride[i] = p.Stride[i]
		}
	}
	return n.add(p.Base, stride, blockOf(t))
}

// add adds an access by its strides along the axes of the domain, of which one is in blocks.
func (n *nest) add(base int, stride []int, blocked int) *access {
	a := &access{base: base}
	for _, x := range n.axes {
		s := stride[x.of]
		switch {
		case x.part == block && x.of != blocked:
			s *= ir.Lanes
		case x.part == lane && x.of == blocked:
			s = min(s, 1)
		}
		a.stride = append(a.stride, s)
	}
	n.accesses = append(n.accesses, a)
	return a
}

// reorder sorts the axes by a rank, equal ones as they were.
func (n *nest) reorder(rank func(axis) int) {
	order := make([]int, len(n.axes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return rank(n.axes[i]) - rank(n.axes[j]) })
	n.permute(order)
}

// permute keeps the axes of the given numbers, in that order.
func (n *nest) permute(order []int) {
	axes := make([]axis, len(order))
	for i, k := range order {
		axes[i] = n.axes[k]
	}
	n.axes = axes
	for _, a := range n.accesses {
		stride := make([]int, len(order))
		for i, k := range order {
			stride[i] = a.stride[k]
		}
		a.stride = stride
	}
}

// merge drops loops of one iteration, and makes one loop of two where all offsets allow it.
// The last axis stays if keepLast is set, and if no other does.
func (n *nest) merge(together func(outer, inner axis) bool, keepLast bool) {
	var kept []int
	for i, a := range n.axes {
		last := i == len(n.axes)-1
		if a.size > 1 || a.pieces > 1 || last && (keepLast || len(kept) == 0) {
			kept = append(kept, i)
		}
	}
	n.permute(kept)
	for i := len(n.axes) - 2; i >= 0; i-- {
		outer, inner := n.axes[i], n.axes[i+1]
		if inner.pieces > 1 || inner.ragged || outer.ragged || outer.partly() || inner.partly() ||
			!together(outer, inner) || !n.contiguous(i) {
			continue
		}
		merged := inner
		merged.of, merged.part = outer.of, whole
		merged.pieces, merged.unit = outer.pieces, outer.unit
		merged.size = outer.size * inner.size
		merged.inner = outer.inner * inner.size
		merged.name = "i"
		if outer.name == "row" && inner.name == "col" {
			merged.name = "pixel"
		}
		n.axes[i] = merged
		n.axes = slices.Delete(n.axes, i+1, i+2)
		for _, a := range n.accesses {
			a.stride = slices.Delete(a.stride, i, i+1)
		}
	}
	n.rename()
}

// rename makes the names of merged axes differ.
func (n *nest) rename() {
	taken := map[string]bool{}
	for i := range n.axes {
		a := &n.axes[i]
		for _, name := range []string{a.name, "j", "k", "l"} {
			if !taken[name] {
				a.name = name
				break
			}
		}
		taken[a.name] = true
	}
}

// contiguous reports whether axis i continues where axis i+1 ends, for every access.
func (n *nest) contiguous(i int) bool {
	for _, a := range n.accesses {
		if a.stride[i] != a.stride[i+1]*n.axes[i+1].size {
			return false
		}
	}
	return true
}

// offset prints base + Σ variable·stride over the axes from, …, to-1.
func (n *nest) offset(base string, a *access, from, to int) string {
	var terms []string
	if base != "" && base != "0" {
		terms = append(terms, base)
	}
	for i := from; i < to; i++ {
		if t := times(n.axes[i].name, a.stride[i]); t != "" {
			terms = append(terms, t)
		}
	}
	return sum(terms...)
}

// times prints variable·factor, nothing if the factor is 0.
func times(variable string, factor int) string {
	switch {
	case factor == 0 || variable == "0":
		return ""
	case factor == 1:
		return variable
	}
	return variable + "*" + strconv.Itoa(factor)
}

// sum prints a sum of terms without those that are empty or 0.
func sum(terms ...string) string {
	var kept []string
	for _, t := range terms {
		if t != "" && t != "0" {
			kept = append(kept, t)
		}
	}
	if len(kept) == 0 {
		return "0"
	}
	return strings.Join(kept, "+")
}
