package gosrc

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gradc/gradc/codegen/elementwise"
	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
)

// steps emits a method for each step, and the functions that do its work.
func (e *emitter) steps(file *host.Code, table host.Table) error {
	for _, s := range table.Steps {
		if err := e.step(file, table, s); err != nil {
			return fmt.Errorf("emitting step %s (%s): %w", s.Name, s.Origin.Pos, err)
		}
	}
	return nil
}

func (e *emitter) step(file *host.Code, table host.Table, s *plan.Step) error {
	method := e.methods[s]
	body, functions := &host.Code{}, &host.Code{}
	piece := pieceNames(s.Domain(), s.Cuts)
	raw := place{}
	if s.Kernel != nil {
		var err error
		if raw, err = e.kernel(body, functions, s, piece); err != nil {
			return err
		}
	}
	r := host.Row{Name: strings.ReplaceAll(s.Name, ".", " "), Layer: s.Origin.Layer,
		Pass: s.Origin.Pass.String(), Method: method, Tasks: s.Tasks(), Flops: s.Flops,
		Bytes: s.Bytes}
	if s.Split > 1 {
		e.finish(file, table, r, methodDoc(s, method), method, body, functions, s)
		return e.combineSplit(file, table, r, s, piece)
	}
	if s.Loop != nil {
		l, err := e.newLoop(s.Loop, s.Origin.Layer, s.Cuts, piece, s.Partial, raw)
		if err != nil {
			return err
		}
		l.leaf = e.Scope.Fresh(method + "Loop")
		l.doc = l.docOf(s)
		l.work = elementwise.Work{Flops: s.Flops, Bytes: s.Bytes, Tasks: s.Tasks(),
			Infer: table.Name == "infer"}
		l.emit(body, functions)
	}
	e.finish(file, table, r, methodDoc(s, method), method, body, functions, s)
	return e.combineFolds(file, table, r, s)
}

// finish declares a method and puts it into the table.
func (e *emitter) finish(
	file *host.Code, table host.Table, r host.Row, doc []string, name string,
	body, functions *host.Code, s *plan.Step,
) {
	whole := &host.Code{}
	decodeTask(whole, body, s)
	whole.Add(body)
	file.Declare(host.Function{Doc: doc, Method: true, Name: name, Params: "task int", Body: whole})
	file.Add(functions)
	e.AddStep(table, r)
}

// pieceNames names the variables that hold which pieces of the axes 0 and 1 a task covers.
func pieceNames(t ir.Type, cuts [2]plan.Cut) [2]string {
	names := [2]string{"0", "0"}
	for axis, cut := range cuts {
		if cut.Pieces == 1 || axis >= len(t.Shape) {
			continue
		}
		name := axisName(t, axis)
		if blockOf(t) == axis {
			name = "block"
		}
		if cut.Pieces < plan.Blocks(t, axis) {
			name += "Piece"
		}
		names[axis] = name
	}
	return names
}

// decodeTask emits which pieces a task covers, as far as the body wants to know:
//
//	task = (split·Cuts[0].Pieces + piece of axis 0)·Cuts[1].Pieces + piece of axis 1
func decodeTask(c, body *host.Code, s *plan.Step) {
	names := pieceNames(s.Domain(), s.Cuts)
	var vars, values []string
	add := func(name string, count int, value string) {
		if count == 1 {
			return
		}
		if !body.Mentions(name) {
			name = "_"
		}
		vars, values = append(vars, name), append(values, value)
	}
	p0, p1 := s.Cuts[0].Pieces, s.Cuts[1].Pieces
	over := func(n int) string {
		if n == 1 {
			return "task"
		}
		return fmt.Sprintf("task/%d", n)
	}
	second := over(p1)
	if s.Split > 1 && p0 > 1 {
		second += fmt.Sprintf("%%%d", p0)
	}
	third := "task"
	if s.Split > 1 || p0 > 1 {
		third = fmt.Sprintf("task%%%d", p1)
	}
	add("split", s.Split, over(p0*p1))
	add(names[0], p0, second)
	add(names[1], p1, third)
	if slices.ContainsFunc(vars, func(v string) bool { return v != "_" }) {
		c.Line("%s := %s", strings.Join(vars, ", "), strings.Join(values, ", "))
	}
}

// methodDoc says what a step computes: the lines of the IR, and where they come from.
func methodDoc(s *plan.Step, method string) []string {
	results := make([]string, len(s.Values))
	for i, v := range s.Values {
		results[i] = v.Name
	}
	doc := host.Wrap(method+" computes "+enumerate(results)+".", false)
	doc = append(doc, "")
	for _, v := range s.Values {
		bare := *v
		bare.Origin = ir.Origin{}
		doc = append(doc, host.Wrap(ir.FormatValue(&bare), true)...)
	}
	if k := s.Kernel; k != nil && k.Op.Doc != "" {
		doc = append(doc, "", "Formula:", "")
		doc = append(doc, host.Wrap(k.Op.Doc, true)...)
	}
	if from := origin(s.Origin); from != "" {
		doc = append(doc, "", from)
	}
	return doc
}

func origin(o ir.Origin) string {
	switch {
	case o.Pos == "":
		return ""
	case o.Layer == "":
		return fmt.Sprintf("It stems from %s.", o.Pos)
	}
	return fmt.Sprintf("It stems from layer %s, %s.", o.Layer, o.Pos)
}

// enumerate joins names as a, b and c.
func enumerate(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	last := len(list) - 1
	return strings.Join(list[:last], ", ") + " and " + list[last]
}

// docOf gives the formulas of a loop.
func (l *loop) docOf(s *plan.Step) []string {
	what := " computes a part of"
	if l.nest.axes[l.inner].sized {
		what += " the following, and of the same in layers of other sizes:"
	}
	doc := append(host.Wrap(l.leaf+what, false), "")
	for _, o := range s.Loop.Outs {
		text := o.Expr.Format(func(i int) string { return s.Loop.Args[i].Name })
		if o.Fold != "" {
			text = fmt.Sprintf("%s over axes %s of %s", o.Fold, ir.Shape(o.Axes), text)
		}
		doc = append(doc, host.Wrap(o.Name+" = "+text, true)...)
	}
	return doc
}

// combineSplit emits the sum of the partial results of a kernel, and its epilogue.
func (e *emitter) combineSplit(
	file *host.Code, table host.Table, r host.Row, s *plan.Step, piece [2]string,
) error {
	out := s.Kernel.Out
	l := &plan.Loop{Domain: out.Type}
	total := scalar.X(0)
	for i := range s.Split {
		l.Args = append(l.Args, e.splitPart(s, i))
		if i > 0 {
			total = scalar.Sum(total, scalar.X(i))
		}
	}
	if out.Buffer != nil {
		l.Outs = append(l.Outs, plan.LoopOut{Operand: s.Kernel.Out, Expr: total})
	}
	if s.Loop != nil {
		addEpilogue(l, s.Loop, total)
	}
	r.Method = e.Scope.Fresh(r.Method + "Sum")
	r.Name, r.Tasks, r.Flops, r.Bytes = r.Name+" sum", s.Cuts[0].Pieces*s.Cuts[1].Pieces, 0, 0
	once := *s
	once.Split, once.Loop = 1, l
	body, functions := &host.Code{}, &host.Code{}
	lp, err := e.newLoop(l, s.Origin.Layer, s.Cuts, piece, nil, place{})
	if err != nil {
		return err
	}
	lp.leaf = e.Scope.Fresh(r.Method + "Loop")
	lp.doc = lp.docOf(&once)
	elements := out.Type.Shape.Elements()
	lp.work = elementwise.Work{Flops: int64(s.Split * elements),
		Bytes: int64(4 * (s.Split + 1) * elements), Tasks: r.Tasks,
		Infer: table.Name == "infer"}
	lp.emit(body, functions)
	doc := host.Wrap(fmt.Sprintf("%s adds up the %d parts of the batch.", r.Method, s.Split), false)
	e.finish(file, table, r, doc, r.Method, body, functions, &once)
	return nil
}

// splitPart returns one of the partial results of a kernel.
func (e *emitter) splitPart(s *plan.Step, i int) plan.Operand {
	t := s.Kernel.Out.Type
	t.Layout.Halo = [2]int{}
	part := *s.Partial
	_, at := e.Home(s.Partial)
	e.PlaceAt(&part, sum(at, fmt.Sprint(i*t.Place().Size)))
	return plan.Operand{Buffer: &part, Type: t, Name: fmt.Sprintf("part%d", i)}
}

// addEpilogue appends the results of an epilogue to l, with the kernel's result replaced by total.
func addEpilogue(l, epilogue *plan.Loop, total *scalar.Expr) {
	inputs := make([]*scalar.Expr, len(epilogue.Args))
	for i, a := range epilogue.Args {
		if a.Buffer == nil {
			inputs[i] = total
			continue
		}
		inputs[i] = scalar.X(len(l.Args))
		l.Args = append(l.Args, a)
	}
	for _, o := range epilogue.Outs {
		o.Expr = scalar.Subst(o.Expr, inputs)
		l.Outs = append(l.Outs, o)
	}
}

// combineFolds emits the sums of the pieces' partial results.
func (e *emitter) combineFolds(file *host.Code, table host.Table, r host.Row, s *plan.Step) error {
	if s.Partial == nil {
		return nil
	}
	body := &host.Code{}
	home, at := e.Home(s.Partial)
	behind := 0
	for i := range s.Loop.Outs {
		o := &s.Loop.Outs[i]
		if o.Fold == "" || !slices.Contains(o.Axes, 0) {
			continue
		}
		if !dense(o.Type) {
			return fmt.Errorf("fold %s lies as %s, not row-major", o.Name, o.Type)
		}
		elements := o.Type.Shape.Elements()
		size := s.Cuts[0].Pieces * o.Stats() * elements
		outHome, outAt := e.Home(o.Buffer)
		if err := e.combine(body, o, slice(outHome, sum(outAt), elements, true),
			slice(home, sum(at, fmt.Sprint(behind)), size, true), s); err != nil {
			return err
		}
		behind += size
	}
	if behind == 0 {
		return nil
	}
	r.Method = e.Scope.Fresh(r.Method + "Combine")
	r.Name, r.Tasks, r.Flops, r.Bytes = r.Name+" combine", 1, 0, 4*int64(behind)
	doc := host.Wrap(fmt.Sprintf("%s makes one of the results of all %d pieces, in order.", r.Method,
		s.Cuts[0].Pieces), false)
	file.Declare(host.Function{Doc: doc, Method: true, Name: r.Method, Params: "int", Body: body})
	e.AddStep(table, r)
	return nil
}

// combine emits how the partial results of one fold make its result; there may be no way to.
func (e *emitter) combine(c *host.Code, o *plan.LoopOut, out, partial string, s *plan.Step) error {
	folded := 1
	for _, axis := range o.Axes {
		folded *= s.Loop.Domain.Shape[axis]
	}
	first := s.Loop.Domain.Shape[0]
	switch o.Fold {
	case "sum":
		c.Line("%s(\n%s,\n%s,\n1,\n)", e.helper(addPartials), out, partial)
	case "mean":
		c.Line("%s(\n%s,\n%s,\n%d,\n)", e.helper(addPartials), out, partial, folded)
	case "max":
		c.Line("%s(\n%s,\n%s,\n)", e.helper(maxPartials), out, partial)
	case "var":
		c.Line("%s(\n%s,\n%s,\n%d, %d, %d,\n)", e.helper(addSpreads), out, partial, s.Cuts[0].Pieces,
			first, folded/first)
	default:
		return fmt.Errorf("there is no Go for the partial results of the fold %s", o.Fold)
	}
	return nil
}

// dense reports whether elements lie in row-major order without gaps.
func dense(t ir.Type) bool {
	p := t.Place()
	return p.Size == t.Shape.Elements() &&
		(t.Layout.Order == ir.RowMajor || t.Shape[2]*t.Shape[3] == 1)
}
