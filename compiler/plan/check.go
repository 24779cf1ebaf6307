package plan

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
)

// Check reports what is wrong with a program, nil if nothing is. It holds a plan to what emitters
// rely on: buffers lie within their space and overlap only where a loop replaces an argument by its
// result, steps read what was written before and in the layout in which it was, kernels find the
// layouts and borders they need, nests do what their loops say, and tasks of a step are independent.
// Errors name the step, the buffer and what of it they are about.
func Check(p *Program) error {
	c := &checker{program: p}
	c.buffers()
	names := map[string]bool{}
	for _, infer := range []bool{false, true} {
		c.infer = infer
		c.written, c.parts = c.before(), map[*Buffer][]region{}
		c.overlaps()
		steps := p.Steps(infer)
		for i, s := range steps {
			if names[s.Name] {
				c.errorf("step %s: the name is used twice", s.Name)
			}
			names[s.Name] = true
			c.index, c.current = i, s
			c.step()
		}
		c.outputs(len(steps))
	}
	return errors.Join(c.errs...)
}

type checker struct {
	program *Program
	errs    []error

	infer   bool
	written map[*Buffer]ir.Type  // what buffers hold, and how it lies
	parts   map[*Buffer][]region // where in a buffer the last step that writes to it does so
	index   int
	current *Step
}

func (c *checker) errorf(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf(format, args...))
}

// fail is errorf about the current step.
func (c *checker) fail(format string, args ...any) {
	c.errorf("step %d %s: %s", c.index, c.current.Name, fmt.Sprintf(format, args...))
}

// buffers checks that each buffer lies within its space.
func (c *checker) buffers() {
	p := c.program
	train, infer := len(p.Steps(false)), len(p.Steps(true))
	for _, b := range p.Buffers {
		steps := train
		if b.Infer {
			steps = infer
		}
		switch {
		case b.Offset < 0 || b.Size < 1 || b.Offset+b.Size > p.Size[b.Space]:
			c.errorf("buffer %s: %d bytes at %d, the %s has %d", b.Name, b.Size, b.Offset, b.Space,
				p.Size[b.Space])
		case b.Space == Arena && b.Offset%p.Alignment != 0:
			c.errorf("buffer %s: offset %d is not aligned", b.Name, b.Offset)
		case b.First < 0 || b.First > b.Last || b.Last > steps:
			c.errorf("buffer %s: lives from step %d to %d of %d", b.Name, b.First, b.Last, steps)
		}
	}
}

// overlaps checks that buffers which hold something at the same time lie apart.
func (c *checker) overlaps() {
	var list []*Buffer
	for _, b := range c.program.Buffers {
		if b.Kind != Block && (b.Space != Arena || b.Infer == c.infer) {
			list = append(list, b)
		}
	}
	for i, a := range list {
		for _, b := range list[i+1:] {
			together := a.First <= b.Last && b.First <= a.Last
			if together && overlap(a, b) && !c.replaces(a, b) && !c.replaces(b, a) {
				c.errorf("buffers %s (steps %d to %d) and %s (steps %d to %d) overlap", a.Name,
					a.First, a.Last, b.Name, b.First, b.Last)
			}
		}
	}
}

func overlap(a, b *Buffer) bool {
	return a.Space == b.Space && a.Offset < b.Offset+b.Size && b.Offset < a.Offset+a.Size
}

// replaces reports whether b takes the place of a in the step that reads a last. That the step may
// do so is checked with the step.
func (c *checker) replaces(a, b *Buffer) bool {
	return a.Space == Arena && a.Last == b.First && a.First < a.Last && a.Offset == b.Offset
}

// before returns what holds something when the steps begin.
func (c *checker) before() map[*Buffer]ir.Type {
	written := map[*Buffer]ir.Type{}
	for _, b := range c.program.Buffers {
		if b.Space != Arena && b.Space != Grads {
			written[b] = sourceType(b)
		}
	}
	return written
}

// sourceType returns the type of what a buffer holds when the steps begin, in one row.
func sourceType(b *Buffer) ir.Type {
	t := ir.Float32(b.Size / ir.F32.Bytes())
	if b.Space == Labels {
		t.DType = ir.I32
	}
	return t
}

// outputs checks that results are there when the last step has run.
func (c *checker) outputs(end int) {
	outputs := c.program.TrainOutputs
	if c.infer {
		outputs = c.program.InferOutputs
	}
	c.index, c.current = end, &Step{Name: "end"}
	for _, o := range outputs {
		c.reads("output", o.Operand)
		if o.Buffer.Space == Arena && o.Buffer.Last != end {
			c.errorf("output %s: its buffer is given away after step %d", o.Name, o.Buffer.Last)
		}
	}
}

// reads checks that what an operand reads was written before, and lies as it does.
func (c *checker) reads(what string, o Operand) {
	c.within(what, o)
	w, ok := c.written[o.Buffer]
	switch {
	case !ok && o.Buffer.Kind == Block:
		c.wholeBlock(o.Buffer)
	case !ok:
		c.fail("%s %s: nothing was written there before", what, o.Name)
	case !sameBytes(w, o.Type):
		c.fail("%s %s: is read as %s, was written as %s", what, o.Name, o.Type, w)
	}
}

// wholeBlock checks that all buffers of a block were written.
func (c *checker) wholeBlock(block *Buffer) {
	for _, b := range c.program.Buffers {
		if _, ok := c.written[b]; !ok && b != block && overlap(b, block) {
			c.fail("argument %s: nothing was written to %s before", block.Name, b.Name)
		}
	}
}

// within checks that an operand lies in its buffer, and the buffer in the program.
func (c *checker) within(what string, o Operand) {
	if !slices.Contains(c.program.Buffers, o.Buffer) {
		c.fail("%s %s: its buffer is not of the program", what, o.Name)
	}
	if need := o.Type.Bytes(); need > o.Buffer.Size {
		c.fail("%s %s: %d bytes in a buffer of %d", what, o.Name, need, o.Buffer.Size)
	}
	if b := o.Buffer; b.Space == Arena &&
		(b.Infer != c.infer || c.index < b.First || c.index > b.Last) {
		c.fail("%s %s: its buffer lives from step %d to %d", what, o.Name, b.First, b.Last)
	}
}

// sameBytes reports whether a tensor written as one type can be read as another: the same type,
// or another shape where both lie row-major without gaps and are stored alike.
func sameBytes(w, r ir.Type) bool {
	if w.Equal(r) {
		return true
	}
	return w.Stored() == r.Stored() && w.Shape.Elements() == r.Shape.Elements() && w.Dense() &&
		r.Dense()
}
