package plan

import (
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// step checks the current step and takes note of what it writes.
func (c *checker) step() {
	s, before := c.current, len(c.errs)
	if s.Kernel == nil && s.Loop == nil {
		c.fail("computes nothing")
		return
	}
	if s.Kernel != nil {
		c.kernel(s.Kernel)
	}
	if s.Loop != nil {
		c.loop(s.Loop)
	}
	for _, o := range s.Reads() {
		c.reads("argument", o)
	}
	for _, o := range s.Writes() {
		c.within("result", o)
		c.written[o.Buffer] = o.Type
	}
	c.pieces()
	if len(c.errs) > before {
		return // what follows relies on it
	}
	for _, o := range s.Writes() {
		delete(c.parts, o.Buffer)
	}
	for s := range s.WithCombine() {
		if s.Combines == nil && s.Cuts != c.current.Cuts || s.Combines != nil && s.Tasks() != 1 {
			c.fail("%s is not cut as its step", s.Name)
		}
		if s.Nest == nil || c.nest(s.Nest, s.Loop) {
			c.tasks(s)
		}
	}
	if len(c.errs) == before {
		c.complete()
	}
}

// kernel checks that the arguments and the result of a kernel lie as its operation wants.
func (c *checker) kernel(k *Kernel) {
	if len(k.Wants) != len(k.Args) {
		c.fail("%s wants %d arguments, it has %d", k.Op.Name, len(k.Wants), len(k.Args))
		return
	}
	for i, a := range k.Args {
		has := a.Type.Layout
		if has.Order != k.Wants[i].Order || has.Storage != k.Wants[i].Storage ||
			has.Halo[0] < k.Wants[i].Halo[0] || has.Halo[1] < k.Wants[i].Halo[1] {
			c.fail("argument %s: %s wants layout %q, it has %q", a.Name, k.Op.Name, k.Wants[i], has)
		}
	}
	if k.Out.Type.Layout.Borderless() != k.Yields {
		c.fail("%s yields layout %q, not %q", k.Op.Name, k.Yields, k.Out.Type.Layout)
	}
	if k.Out.Buffer == nil && c.current.Loop == nil {
		c.fail("nobody reads the kernel's result")
	}
}

// loop checks that arguments repeat along the domain, results fit it and expressions read what is
// there.
func (c *checker) loop(l *Loop) {
	k := c.current.Kernel
	for _, a := range l.Args {
		if a.Buffer == nil && (k == nil || !a.Type.Equal(k.Out.Type)) {
			c.fail("argument %s has no buffer", a.Name)
		}
		if !repeats(a.Type.Shape, l.Domain.Shape) {
			c.fail("argument %s: %s does not repeat to %s", a.Name, a.Type.Shape, l.Domain.Shape)
		}
	}
	if k != nil && !slices.Equal(l.Domain.Shape, k.Out.Type.Shape) {
		c.fail("the epilogue runs over %s, the kernel over %s", l.Domain.Shape, k.Out.Type.Shape)
	}
	if len(l.Outs) == 0 {
		c.fail("the loop has no result")
	}
	for _, o := range l.Outs {
		shape := slices.Clone(l.Domain.Shape)
		for _, axis := range o.Axes {
			shape[axis] = 1
		}
		if !slices.Equal(shape, o.Type.Shape) || (o.Fold == "") != (len(o.Axes) == 0) {
			c.fail("result %s of shape %s is a fold of %s along %d", o.Name, o.Type.Shape,
				l.Domain.Shape, o.Axes)
		}
		o.Expr.Walk(func(e *scalar.Expr) {
			if e.Op == scalar.In && e.Index >= len(l.Args) || e.Op == scalar.Coord &&
				e.Index >= len(l.Domain.Shape) {
				c.fail("result %s: %s has no meaning here", o.Name, e)
			}
		})
	}
}

// repeats reports whether a tensor of the given shape repeats along a domain.
func repeats(shape, domain ir.Shape) bool {
	return slices.EqualFunc(shape, domain, func(d, n int) bool { return d == 1 || d == n })
}

// pieces checks that the step's domain can be cut as it is, and that there is room for partial
// results where tasks share one.
func (c *checker) pieces() {
	s := c.current
	for axis, uncut := range s.Uncut() {
		cut := s.Cuts[axis]
		switch {
		case cut.Size != uncut.Size || cut.Unit < 1 ||
			cut.Pieces > 1 && cut.Unit%uncut.Unit != 0:
			c.fail("axis %d of %s is cut as %d elements in units of %d, not of %d", axis, s.Domain(),
				cut.Size, cut.Unit, uncut.Unit)
		case cut.Pieces < 1 || cut.Pieces > cut.Units():
			c.fail("axis %d of %s is cut into %d pieces", axis, s.Domain(), cut.Pieces)
		}
	}
	if s.Loop != nil {
		for _, o := range s.Loop.Outs {
			if s.Cuts[1].Pieces > 1 && slices.Contains(o.Axes, 1) {
				c.fail("result %s is folded across pieces of axis 1", o.Name)
			}
			if s.Split > 1 && o.Fold != "" {
				c.fail("result %s is folded over partial results", o.Name)
			}
		}
	}
	switch need := s.PartialSize(); {
	case s.Partial == nil && need > 0:
		c.fail("there is no room for %d bytes of partial results", need)
	case s.Partial != nil && s.Partial.Size != need:
		c.fail("there are %d bytes for %d of partial results", s.Partial.Size, need)
	case s.Partial != nil && (s.Partial.First != c.index || s.Partial.Last != c.index):
		c.fail("its partial results live from step %d to %d", s.Partial.First, s.Partial.Last)
	}
}
