package gosrc

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
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
	if err := storable(s); err != nil {
		return err
	}
	method := e.methods[s]
	body, functions := &host.Code{}, &host.Code{}
	piece := pieceNames(s.Domain(), s.Cuts)
	if s.Nest != nil {
		if err := unprintable(s.Nest.Line); err != nil {
			return err
		}
	}
	if s.Kernel != nil {
		if err := e.kernel(body, functions, s, piece); err != nil {
			return err
		}
	}
	e.loop(body, functions, table, s, method)
	e.finish(file, table, s, methodDoc(s, method), method, body, functions)
	if s.Combine == nil {
		return nil
	}
	return e.combine(file, table, s)
}

// loop emits the nest of a step, if it has one, to its method, and the function to functions.
func (e *emitter) loop(body, functions *host.Code, table host.Table, s *plan.Step, method string) {
	if s.Nest == nil {
		return
	}
	l := e.newLoop(s, pieceNames(s.Domain(), s.Cuts))
	l.leaf = e.Scope.Fresh(method + "Loop")
	l.doc = l.docOf(s)
	l.work = s.Work(table.Name == "infer")
	l.emit(body, functions)
}

// finish declares a method and puts it into the table.
func (e *emitter) finish(
	file *host.Code, table host.Table, s *plan.Step, doc []string, name string,
	body, functions *host.Code,
) {
	whole := &host.Code{}
	decodeTask(whole, body, s)
	whole.Add(body)
	file.Declare(host.Function{Doc: doc, Method: true, Name: name, Params: "task int", Body: whole})
	file.Add(functions)
	e.row(table, s, name)
}

// row adds a step to its table.
func (e *emitter) row(table host.Table, s *plan.Step, method string) {
	e.AddStep(table, host.Row{Name: strings.ReplaceAll(s.Name, ".", " "), Layer: s.Origin.Layer,
		Pass: s.Origin.Pass.String(), Method: method, Tasks: s.Tasks(), Flops: s.Flops,
		Bytes: s.Bytes})
}

// pieceNames names the variables that hold which pieces of the axes 0 and 1 a task covers.
func pieceNames(t ir.Type, cuts [2]plan.Cut) [2]string {
	names := [2]string{"0", "0"}
	for axis, cut := range cuts {
		if cut.Pieces == 1 || axis >= len(t.Shape) {
			continue
		}
		name := axisName(t, axis)
		if plan.BlockOf(t) == axis {
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
	if l.nest.axes[l.inner].Shared {
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

// combine emits the step that combines the partial results of another.
func (e *emitter) combine(file *host.Code, table host.Table, s *plan.Step) error {
	c := s.Combine
	body, functions := &host.Code{}, &host.Code{}
	if c.Nest != nil {
		method := e.Scope.Fresh(e.methods[s] + "Sum")
		e.loop(body, functions, table, c, method)
		doc := host.Wrap(fmt.Sprintf("%s adds up the %d parts of the batch.", method, s.Split), false)
		e.finish(file, table, c, doc, method, body, functions)
		return nil
	}
	for i := range c.Combines {
		if err := e.combineFold(body, &c.Combines[i]); err != nil {
			return err
		}
	}
	method := e.Scope.Fresh(e.methods[s] + "Combine")
	doc := host.Wrap(fmt.Sprintf("%s makes one of the results of all %d pieces, in order.", method,
		s.Cuts[0].Pieces), false)
	file.Declare(host.Function{Doc: doc, Method: true, Name: method, Params: "int", Body: body})
	e.row(table, c, method)
	return nil
}

// combineFold emits how the partial results of one fold make its result.
func (e *emitter) combineFold(body *host.Code, c *plan.Combine) error {
	if !c.Out.Type.Dense() {
		return fmt.Errorf("fold %s lies as %s, not row-major", c.Out.Name, c.Out.Type)
	}
	elements := c.Out.Type.Shape.Elements()
	home, at := e.Home(c.Parts.Buffer)
	outHome, outAt := e.Home(c.Out.Buffer)
	out := slice(outHome, sum(outAt), elements, true)
	parts := slice(home, sum(at, fmt.Sprint(c.Parts.At)), c.Cut.Pieces*c.Stats*elements, true)
	switch c.Fold {
	case "sum":
		body.Line("%s(\n%s,\n%s,\n1,\n)", e.helper(addPartials), out, parts)
	case "mean":
		body.Line("%s(\n%s,\n%s,\n%d,\n)", e.helper(addPartials), out, parts, c.Elements())
	case "max":
		body.Line("%s(\n%s,\n%s,\n)", e.helper(maxPartials), out, parts)
	case "var":
		body.Line("%s(\n%s,\n%s,\n%d, %d, %d,\n)", e.helper(addSpreads), out, parts, c.Cut.Pieces,
			c.Cut.Size, c.Each)
	default:
		return fmt.Errorf("there is no Go for the partial results of the fold %s", c.Fold)
	}
	return nil
}
