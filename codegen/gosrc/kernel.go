package gosrc

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// kernel is one use of such an operation.
type kernel struct {
	*emitter
	*plan.Kernel
	frame
	axes   []plan.Axis
	step   *plan.Step
	name   string // stem of its functions' names
	method *host.Code
	file   *host.Code
	out    target
}

// target is where a kernel's result goes.
type target struct {
	typ      ir.Type
	home, at string // the slice it lies in, and where it begins
	relative bool   // it holds the task's piece only
}

// kernel emits the part of a step's method that runs its kernel, and the functions for it.
func (e *emitter) kernel(method, functions *host.Code, s *plan.Step, piece [2]string) error {
	emit := kernels()[s.Kernel.Op.Name]
	if emit == nil {
		return fmt.Errorf("there is no Go for operation %s", s.Kernel.Op.Name)
	}
	k := &kernel{emitter: e, Kernel: s.Kernel, step: s, method: method, file: functions,
		name: host.Identifier(s.Kernel.Out.Name)}
	k.out = k.target()
	k.axes = tasksFirst(plan.Axes(k.out.typ, s.Cuts))
	k.nest = newNest(k.out.typ, k.axes)
	k.frame.piece = piece
	k.inner = k.nest.firstOf(2)
	return emit(k)
}

// tasksFirst sorts the axes that tasks divide in front of those within a task.
func tasksFirst(axes []plan.Axis) []plan.Axis {
	within := func(a plan.Axis) int {
		if a.Of() >= 2 || a.Part() == plan.OverLanes {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(axes, func(a, b plan.Axis) int { return within(a) - within(b) })
	return axes
}

// firstOf returns the first axis of the nest that is none of the first n of the domain.
func (n *nest) firstOf(axes int) int {
	for i, a := range n.axes {
		if a.Of() >= axes || a.Part() == plan.OverLanes {
			return i
		}
	}
	return len(n.axes)
}

// target prints where the kernel's result goes.
func (k *kernel) target() target {
	work, result := k.step.Scratch()
	if work+result > 0 {
		k.method.Line("scratch := n.scratch.Take()")
		k.method.Line("defer n.scratch.Give(scratch)")
	}
	out := k.step.Result(0)
	t := target{typ: out.Type, home: "raw", relative: out.Buffer == nil}
	if t.relative {
		k.method.Noted("the kernel's result, for the loop behind it", "raw := scratch[%d:]",
			plan.Floats(work))
		return t
	}
	t.home, t.at = k.Home(out.Buffer)
	if k.step.Split > 1 {
		t.at = sum(t.at, times("split", t.typ.Place().Size))
	}
	return t
}

// arg returns the slice and the offset of an argument's buffer.
func (k *kernel) arg(i int) (home, at string) { return k.Home(k.Args[i].Buffer) }

// outWindow prints the part of the result that belongs to one iteration of the method's loops, its
// border included, of a given length.
func (k *kernel) outWindow(length int) string {
	return slice(k.out.home, k.offset(k.out.at, k.access(), k.out.relative), length, true)
}

// access returns where the elements of the result lie.
func (k *kernel) access() plan.Access {
	return plan.AccessOf(k.axes, k.out.typ.Shape, k.out.typ)
}

// moving prints the part of argument i that begins at the given strides along the axes 0 and 1 of
// the result. Along blocks, a stride is that of a whole block.
func (k *kernel) moving(i int, stride [2]int, length int) string {
	home, at := k.arg(i)
	a := plan.NewAccess(k.axes, 0, append(stride[:], 0, 0), plan.BlockOf(k.out.typ))
	return slice(home, k.offset(at, a, false), length, true)
}

// declareOnce declares a function, or finds one with the same source, and returns its name. The
// doc says what it does, without its name.
func (k *kernel) declareOnce(name, doc, params string, body *host.Code) string {
	return k.declare(host.Function{Name: name, Params: params, Body: body}, doc)
}

// declareMethod is declareOnce for a method of the network.
func (k *kernel) declareMethod(name, doc, params string, body *host.Code) string {
	return k.declare(host.Function{Method: true, Name: name, Params: params, Body: body}, doc)
}

func (k *kernel) declare(f host.Function, doc string) string {
	source := f.Params + "\n" + f.Body.Source()
	if known, ok := k.funcs[source]; ok {
		return known
	}
	f.Name = k.Scope.Fresh(f.Name)
	f.Doc = host.Wrap(f.Name+" "+doc, false)
	k.funcs[source] = f.Name
	k.file.Declare(f)
	return f.Name
}

// call prints a call with one argument a line and a comment behind each.
func call(name string, args ...[2]string) string {
	var b strings.Builder
	b.WriteString(name + "(\n")
	for _, a := range args {
		b.WriteString(a[0] + ",")
		if a[1] != "" && len(a[0])+len(a[1]) < host.Columns-24 {
			b.WriteString(" // " + host.Plain(a[1]))
		}
		b.WriteString("\n")
	}
	return b.String() + ")"
}

// wants reports an argument that does not lie as the kernel needs it.
func (k *kernel) wants(i int, order ir.Order, halo [2]int) error {
	l := k.Args[i].Type.Layout
	if l.Order != order || l.Halo[0] < halo[0] || l.Halo[1] < halo[1] {
		return fmt.Errorf("argument %s lies as %s, not as %s", k.Args[i].Name, l,
			ir.Layout{Order: order, Halo: halo})
	}
	return nil
}

// padded returns the rows and columns of a tensor of images with its border.
func padded(t ir.Type) (rows, cols int) {
	h := t.Layout.Halo
	return t.Shape[2] + 2*h[0], t.Shape[3] + 2*h[1]
}
