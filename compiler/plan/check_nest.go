package plan

import (
	"slices"

	"github.com/gradc/gradc/compiler/ir"
)

// nest checks that the current step's nest is its loop in full: it goes over the whole domain,
// divided as the step is, finds every operand where it lies, and closes no fold before its end. It
// reports whether one can tell where its tasks read and write.
func (c *checker) nest(n *Nest, l *Loop) bool {
	if !c.operands(n, l) || !c.axes(n, l) {
		return false
	}
	for _, a := range n.Accesses() {
		if len(a.Stride) != len(n.Axes) {
			c.fail("its nest has %d strides for %d axes", len(a.Stride), len(n.Axes))
			return false
		}
	}
	for i := range n.Outs {
		c.strides(n, &n.Outs[i].Tensor)
	}
	for i := range n.Args {
		c.strides(n, &n.Args[i])
	}
	for i := range n.Folds {
		for j := range n.Folds[i].Targets {
			c.strides(n, &n.Folds[i].Targets[j])
		}
		c.fold(n, &n.Folds[i])
	}
	position := func(name string, shape ir.Shape, a *Access) {
		if a != nil {
			c.strides(n, &Tensor{Operand: Operand{Name: name, Type: ir.Type{Shape: shape}}, Access: *a})
		}
	}
	position("the element's index", n.Domain, n.Index)
	for axis, a := range n.Coords {
		shape := slices.Repeat(ir.Shape{1}, len(n.Domain))
		shape[axis] = n.Domain[axis]
		position("the element's coordinate", shape, a)
	}
	return true
}

// operands checks that a nest has the operands of its loop.
func (c *checker) operands(n *Nest, l *Loop) bool {
	if len(n.Args) != len(l.Args) || len(n.Outs)+len(n.Folds) != len(l.Outs) ||
		len(n.Domain) != len(l.Domain.Shape) {
		c.fail("its nest is not that of its loop")
		return false
	}
	before := len(c.errs)
	same := func(what string, t *Tensor, o Operand) {
		if o.Buffer != nil && (t.Buffer != o.Buffer || t.At != o.At || !t.Type.Equal(o.Type)) {
			c.fail("%s %s: the nest has it as %s, not %s", what, o.Name, t.Type, o.Type)
		}
	}
	for i := range n.Args {
		same("argument", &n.Args[i], l.Args[i])
	}
	for i := range n.Outs {
		o := &n.Outs[i]
		same("result", &o.Tensor, l.Outs[o.Result].Operand)
		if o.Instr != n.Line.Result[o.Result] {
			c.fail("result %s: the nest stores another value", o.Name)
		}
	}
	for i := range n.Folds {
		f, out := &n.Folds[i], &l.Outs[n.Folds[i].Result]
		switch partial := c.current.Cuts[0].Pieces > 1 && slices.Contains(out.Axes, 0); {
		case f.Fold != out.Fold || !slices.Equal(f.Axes, out.Axes) || f.Partial != partial:
			c.fail("result %s: the nest folds it as %s along %d", out.Name, f.Fold, f.Axes)
		case !partial && len(f.Targets) == 1:
			same("result", &f.Targets[0], out.Operand)
		case !partial || len(f.Targets) != out.Stats():
			c.fail("result %s: the nest stores %d numbers for an element", out.Name, len(f.Targets))
		}
	}
	return len(c.errs) == before
}

// axes checks that the axes of a nest cover the domain, and that tasks divide them as they do the
// step.
func (c *checker) axes(n *Nest, l *Loop) bool {
	sound := true
	unsound := func(format string, args ...any) {
		sound = false
		c.fail(format, args...)
	}
	parts := make([][]Part, len(n.Domain))
	lanes := slices.Repeat([]int{1}, len(n.Domain))
	cut := [2]bool{}
	for i := range n.Axes {
		a := &n.Axes[i]
		size := 1
		for _, r := range a.Over {
			parts[r.Axis] = append(parts[r.Axis], r.Part)
			lanes[r.Axis] = max(lanes[r.Axis], r.Lanes)
			switch r.Part {
			case OverBlocks:
				size *= ir.Ceil(n.Domain[r.Axis], r.Lanes)
			case OverLanes:
				size *= min(n.Domain[r.Axis], r.Lanes)
			default:
				size *= n.Domain[r.Axis]
			}
		}
		if a.Cut.Unit < 1 || a.Pieces() < 1 || a.Pieces() > a.Cut.Units() || a.Size() != size {
			unsound("axis %d of its nest has %d iterations in %d pieces of units of %d, the domain %d", i,
				a.Size(), a.Pieces(), a.Cut.Unit, size)
		} else if a.Pieces() > 1 && a.Of() > 1 {
			unsound("its nest is cut along axis %d of %s", a.Of(), l.Domain)
		} else if a.Pieces() > 1 {
			cut[a.Of()] = true
			c.cut(a)
		}
	}
	for of, has := range parts {
		blocks := slices.Contains(has, OverBlocks) || n.Domain[of] <= lanes[of]
		if n.Domain[of] > 1 && !slices.Contains(has, Whole) &&
			!(blocks && slices.Contains(has, OverLanes)) {
			unsound("its nest does not go over axis %d of %s", of, l.Domain)
		}
	}
	for of, has := range cut {
		if !has && c.current.Cuts[of].Pieces > 1 {
			unsound("its nest is not cut along axis %d of %s", of, l.Domain)
		}
	}
	return sound
}

// cut checks that the pieces of an axis are those of the step.
func (c *checker) cut(a *Axis) {
	step, unit := c.current.Cuts[a.Of()], a.Lanes()
	if a.Pieces() != step.Pieces {
		c.fail("its nest is cut into %d pieces along axis %d, not %d", a.Pieces(), a.Of(), step.Pieces)
		return
	}
	for i := range step.Pieces {
		from, to := a.Cut.Span(i)
		from, to = from*unit, min(step.Size, to*unit)
		if first, last := step.Span(i); from != first || to != last {
			c.fail("piece %d of axis %d is %d to %d in its nest, %d to %d in the step", i, a.Of(), from,
				to, first, last)
			return
		}
	}
}

// strides checks that a nest finds an operand where its layout puts it.
func (c *checker) strides(n *Nest, t *Tensor) {
	p, blocked := t.Type.Place(), BlockOf(t.Type)
	step := func(r Range) int {
		switch {
		case t.Type.Shape[r.Axis] == 1:
			return 0
		case r.Axis == blocked && r.Part == OverLanes:
			return 1
		case r.Axis != blocked && r.Part == OverBlocks:
			return r.Lanes * p.Stride[r.Axis]
		}
		return p.Stride[r.Axis]
	}
	if t.Base != p.Base+t.At {
		c.fail("%s begins at %d in buffer %s, not at %d", t.Name, t.Base, name(t.Buffer), p.Base+t.At)
	}
	for i := range n.Axes {
		count := n.Axes[i].Size()
		for _, r := range n.Axes[i].Over {
			size := n.Domain[r.Axis]
			switch r.Part {
			case OverBlocks:
				size = ir.Ceil(size, r.Lanes)
			case OverLanes:
				size = min(size, r.Lanes)
			}
			count /= size
			if want := step(r); size > 1 && t.Stride[i]*count != want {
				c.fail("%s moves by %d in buffer %s along axis %d, not by %d", t.Name,
					t.Stride[i]*count, name(t.Buffer), r.Axis, want)
			}
		}
	}
}

// name returns the name of a buffer, if it is one.
func name(b *Buffer) string {
	if b == nil {
		return "of the task's own"
	}
	return b.Name
}

// fold checks that a fold is closed when all of its elements are there, and that its sums have an
// element for each that it keeps.
func (c *checker) fold(n *Nest, f *Fold) {
	kept := n.Kept(f)
	for i := range n.Axes {
		a := &n.Axes[i]
		if i < f.Level && slices.Contains(f.Axes, a.Of()) && !a.Single() {
			c.fail("the fold %s of axis %d is closed within the loop over it", f.Targets[0].Name, a.Of())
		}
	}
	sums, kinds := []int{f.Sum}, []SumKind{Total}
	switch f.Fold {
	case "max":
		kinds[0] = Largest
	case "var":
		sums, kinds = append(sums, f.Squares), append(kinds, Squares)
	}
	for i, k := range sums {
		if k < 0 || k >= len(n.Sums) {
			c.fail("the fold %s has no sum %d", f.Targets[0].Name, k)
			continue
		}
		s := &n.Sums[k]
		var dims []dim
		for _, i := range kept {
			count, _ := n.Axes[i].Count()
			dims = append(dims, dim{s.Stride[i], count})
			if s.Stride[i] == 0 && count > 1 {
				c.fail("the sums of the fold %s do not differ along axis %d", f.Targets[0].Name,
					n.Axes[i].Of())
			}
		}
		for i, stride := range s.Stride {
			if stride != 0 && !slices.Contains(kept, i) {
				c.fail("the sums of the fold %s differ along axis %d", f.Targets[0].Name, n.Axes[i].Of())
			}
		}
		r := newRegion(0, dims...)
		if s.Kind != kinds[i] || s.Level != f.Level || s.Instr != n.Line.Result[f.Result] || !r.distinct() ||
			r.end() > s.Size {
			c.fail("the sums of the fold %s are not its own", f.Targets[0].Name)
		}
	}
}
