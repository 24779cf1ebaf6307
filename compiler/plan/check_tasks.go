package plan

import "slices"

// This file proves that the tasks of a step do not depend on each other, and that together they
// store all of its results. Where a task reads and writes follows from the step's nest and, for
// kernels, from its cuts and the layout of the result.
//
// Of a family of regions, one for each task, the check asks that all together have no place twice
// and that an axis that is cut moves each of them: then no two tasks meet. What a task reads that its
// own step writes must lie within what it has written itself.

// tasks checks the current step, or the one that combines its partial results.
func (c *checker) tasks(s *Step) {
	f := &families{checker: c, step: s}
	if s.Kernel != nil {
		f.kernel()
	}
	if s.Nest != nil {
		f.nest(s.Nest)
	}
	for i := range s.Combines {
		f.combine(&s.Combines[i])
	}
	f.apart()
}

// families are the regions that the tasks of a step read and write.
type families struct {
	*checker
	step   *Step
	writes []family
	reads  []family
}

// family is the regions of one operand.
type family struct {
	Operand
	all  region
	of   func(task int) region
	nest *Tensor // as the nest of the step sees it; nil for what a kernel or a Combine does
}

// bytes returns the size of an element.
func (f *family) bytes() int { return f.Type.Stored().Bytes() }

// kernel adds what the tasks of a kernel do: they may read all of its arguments.
func (f *families) kernel() {
	s := f.step
	for i := range s.Kernel.Args {
		a := &s.Kernel.Args[i]
		f.read(family{Operand: *a, all: a.region()})
	}
	out := s.Result(0)
	w := family{Operand: out, all: out.region()}
	if s.Split > 1 {
		w.all = w.all.with(dim{out.Type.Place().Size, s.Split})
	}
	parts := make([]region, s.Tasks())
	w.of = func(task int) region {
		if parts[task].dims == nil {
			split, piece := s.Task(task)
			out := s.Result(split)
			parts[task] = out.part(s.Cuts, piece)
		}
		return parts[task]
	}
	f.writes = append(f.writes, w)
	f.stored(w)
}

// Result returns where the kernel of a step stores part i of a split of its result: as a partial
// result, in its buffer, where a result of the epilogue will replace it, or in the task's own memory,
// without a buffer.
func (s *Step) Result(i int) Operand {
	out := s.Kernel.Out
	switch replaced := s.InPlace(); {
	case s.Split > 1:
		out.Type = bare(out.Type)
		out.Buffer, out.At = s.Partial, i*out.Type.Place().Size
	case replaced != nil:
		out.Buffer, out.Type = replaced.Buffer, out.Type.With(replaced.Type.Layout)
	case out.Buffer == nil:
		out.Type = bare(out.Type)
	}
	return out
}

// nest adds what the tasks do in a nest.
func (f *families) nest(n *Nest) {
	piece := func(task int) *[2]int {
		_, p := f.step.Task(task)
		return &p
	}
	for i := range n.Args {
		t := &n.Args[i]
		f.read(family{Operand: t.Operand, all: n.region(t, nil), nest: t,
			of: func(task int) region { return n.region(t, piece(task)) }})
	}
	write := func(w family) {
		for axis, cut := range f.step.Cuts {
			if cut.Pieces > 1 && !moves(n, w.nest, axis) {
				f.fail("tasks of different pieces of axis %d write %s of buffer %s", axis, w.all,
					name(w.Buffer))
			}
		}
		f.writes = append(f.writes, w)
		f.stored(w)
	}
	for i := range n.Outs {
		o := &n.Outs[i]
		w := family{Operand: o.Operand, all: n.region(&o.Tensor, nil), nest: &o.Tensor,
			of: func(task int) region { return n.region(&o.Tensor, piece(task)) }}
		if o.Border() != [2]int{} {
			for axis, cut := range f.step.Cuts {
				if cut.Pieces > 1 && WithinPixel(o.Type, axis) {
					f.fail("tasks of different pieces of axis %d store the border of %s", axis, o.Name)
				}
			}
			inner := w.all
			w.all = n.planes(o, nil)
			w.of = func(task int) region { return n.planes(o, piece(task)) }
			if !w.all.contains(inner) {
				f.fail("it stores %s in planes at %s of buffer %s", inner, w.all, name(o.Buffer))
			}
		}
		write(w)
	}
	for i := range n.Folds {
		for j := range n.Folds[i].Targets {
			t := &n.Folds[i].Targets[j]
			write(family{Operand: t.Operand, all: n.region(t, nil), nest: t,
				of: func(task int) region { return n.region(t, piece(task)) }})
		}
	}
}

// moves reports whether different pieces of an axis are different elements of a tensor.
func moves(n *Nest, t *Tensor, axis int) bool {
	if axis == 0 && t.Piece != 0 {
		return true
	}
	for i := range n.Axes {
		if a := &n.Axes[i]; a.Of() == axis && a.Pieces() > 1 {
			return t.Stride[i] != 0
		}
	}
	return false
}

// combine adds what one combination of partial results does.
func (f *families) combine(c *Combine) {
	elements := c.Out.Type.Shape.Elements()
	fold := f.current.folded(c.Out)
	if fold == nil || c.Fold != fold.Fold || c.Stats != len(fold.Targets) ||
		c.Elements() != f.current.Loop.Domain.Shape.Elements()/elements {
		f.fail("result %s is combined as the %s of %d elements", c.Out.Name, c.Fold, c.Elements())
		return
	}
	if first := fold.Targets[0]; first.Buffer != c.Parts.Buffer || first.Base != c.Parts.At {
		f.fail("result %s is combined of what lies from %d of buffer %s on, it is stored from %d on",
			c.Out.Name, c.Parts.At, c.Parts.Buffer.Name, first.Base)
	}
	if c.Cut != f.current.Cuts[0] {
		f.fail("result %s: its partial results are combined as if there were %d pieces of %d, not %d of %d",
			c.Out.Name, c.Cut.Pieces, c.Cut.Size, f.current.Cuts[0].Pieces, f.current.Cuts[0].Size)
	}
	for i := range c.Stats {
		f.read(family{Operand: c.Parts, all: newRegion(c.Parts.At+i*elements,
			dim{c.Stats * elements, c.Cut.Pieces}, dim{1, elements})})
	}
	w := family{Operand: c.Out, all: c.Out.region(),
		of: func(int) region { return c.Out.region() }}
	f.writes = append(f.writes, w)
	f.stored(w)
}

// folded returns the fold whose result is an operand.
func (s *Step) folded(o Operand) *Fold {
	if s.Nest == nil {
		return nil
	}
	for i := range s.Nest.Folds {
		f := &s.Nest.Folds[i]
		if out := s.Loop.Outs[f.Result]; out.Buffer == o.Buffer && out.Type.Equal(o.Type) {
			return f
		}
	}
	return nil
}

// read adds a family that is read, and checks that it was written before, or by the same task.
func (f *families) read(r family) {
	f.reads = append(f.reads, r)
	if own := f.kernelResult(r); own != nil {
		for _, task := range f.sweep() {
			if has, wants := own.of(task), r.of(task); !has.contains(wants) {
				f.fail("task %d reads %s of buffer %s, its kernel writes %s", task, wants, name(r.Buffer),
					has)
				return
			}
		}
		return
	}
	if r.Buffer == nil {
		return
	}
	if r.all.base < 0 || r.all.end()*r.bytes() > r.Buffer.Size {
		f.fail("argument %s: %s of buffer %s, which has %d elements", r.Name, r.all, r.Buffer.Name,
			r.Buffer.Size/r.bytes())
	}
	for _, part := range f.parts[r.Buffer] {
		if part.contains(r.all) {
			return
		}
	}
	if _, ok := f.parts[r.Buffer]; ok || r.Buffer == f.current.Partial {
		f.fail("argument %s: reads %s of buffer %s, of which %v were written", r.Name, r.all,
			r.Buffer.Name, f.parts[r.Buffer])
	}
}

// sweep returns tasks that have all pieces of either axis among them. What a task covers of one axis
// does not depend on its piece of the other.
func (f *families) sweep() []int {
	var tasks []int
	for i := range f.step.Cuts[0].Pieces {
		tasks = append(tasks, i*f.step.Cuts[1].Pieces)
	}
	for i := 1; i < f.step.Cuts[1].Pieces; i++ {
		tasks = append(tasks, i)
	}
	return tasks
}

// kernelResult returns what the step's own kernel writes, if that is what is read.
func (f *families) kernelResult(r family) *family {
	if f.step.Kernel == nil || r.nest == nil {
		return nil
	}
	for i := range f.step.Nest.Args {
		if r.nest == &f.step.Nest.Args[i] && f.step.Loop.Args[i].Buffer == nil {
			return &f.writes[0]
		}
	}
	return nil
}

// stored notes what a family writes, and checks that its regions lie apart and in the buffer.
func (f *families) stored(w family) {
	if !w.all.distinct() {
		f.fail("result %s: tasks store %s of buffer %s twice", w.Name, w.all, name(w.Buffer))
	}
	if w.Buffer == nil {
		return
	}
	if w.all.base < 0 || w.all.end()*w.bytes() > w.Buffer.Size {
		f.fail("result %s: %s of buffer %s, which has %d elements", w.Name, w.all, w.Buffer.Name,
			w.Buffer.Size/w.bytes())
	}
	f.parts[w.Buffer] = append(f.parts[w.Buffer], w.all)
}

// apart checks that no task meets what another one writes: memory of several operands of which one
// is a result is that of the same elements in all of them.
func (f *families) apart() {
	for i := range f.writes {
		w := &f.writes[i]
		for j := range f.writes[:i] {
			if other := &f.writes[j]; meet(w, other) && !f.within(w, other) {
				f.fail("results %s and %s overlap", other.Name, w.Name)
			}
		}
		for j := range f.reads {
			if r := &f.reads[j]; meet(w, r) && !f.replaces(w, r) {
				f.fail("result %s overwrites argument %s", w.Name, r.Name)
			}
		}
	}
}

// within reports whether w replaces the kernel's result, and checks that each task does so where
// its own kernel has written.
func (f *families) within(w, kernel *family) bool {
	if kernel.nest != nil || w.nest == nil || f.step.InPlace() == nil || w.Buffer != kernel.Buffer {
		return false
	}
	for _, task := range f.sweep() {
		if own, part := kernel.of(task), w.of(task); !own.contains(part) {
			f.fail("task %d stores %s of buffer %s, its kernel writes %s", task, part, w.Buffer.Name, own)
			return true
		}
	}
	return true
}

// replaces reports whether w is stored, element by element, where r was read.
func (f *families) replaces(w, r *family) bool {
	if r.nest == nil {
		return false
	}
	if w.nest == nil { // the kernel's own result
		return f.kernelResult(*r) != nil
	}
	for i := range f.step.Nest.Folds {
		if w.nest == &f.step.Nest.Folds[i].Targets[0] {
			return false // is stored when other elements were read
		}
	}
	return w.Type.Stored() == r.Type.Stored() &&
		w.Buffer.Offset+w.nest.Base*w.bytes() == r.Buffer.Offset+r.nest.Base*r.bytes() &&
		slices.Equal(w.nest.Stride, r.nest.Stride)
}

// meet reports whether operands share memory.
func meet(a, b *family) bool {
	if a.Buffer == nil || b.Buffer == nil || a.Buffer.Space != b.Buffer.Space {
		return false
	}
	from := func(f *family) int { return f.Buffer.Offset + f.all.base*f.bytes() }
	to := func(f *family) int { return f.Buffer.Offset + f.all.end()*f.bytes() }
	if from(a) >= to(b) || from(b) >= to(a) {
		return false
	}
	apart := max(from(a)-from(b), from(b)-from(a))
	interleaved := a.bytes() == b.bytes() && apart%a.bytes() == 0 &&
		slices.Equal(a.all.dims, b.all.dims) && apart > 0 &&
		a.all.with(dim{apart / a.bytes(), 2}).distinct()
	return !interleaved
}

// complete checks that all of the current step's results were stored, by it or by the one that
// combines its partial results.
func (c *checker) complete() {
	for _, o := range c.current.Writes() {
		want := o.region()
		if !slices.ContainsFunc(c.parts[o.Buffer], func(r region) bool { return r.contains(want) }) {
			c.fail("result %s: %s of buffer %s is not stored, only %v", o.Name, want, o.Buffer.Name,
				c.parts[o.Buffer])
		}
	}
}
