package gosrc

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// row is a line of the tables of steps.
type row struct {
	name, layer, pass, method string
	tasks                     int
	flops, bytes              int64
}

// steps emits a method for each step, and the functions that do its work.
func (e *emitter) steps(file *code, table string, list []*plan.Step) error {
	for _, s := range list {
		if err := e.step(file, table, s); err != nil {
			return fmt.Errorf("emitting step %s (%s): %w", s.Name, s.Origin.Pos, err)
		}
	}
	return nil
}

func (e *emitter) step(file *code, table string, s *plan.Step) error {
	method := e.methods[s]
	body, functions := &code{}, &code{}
	piece := pieceNames(s.Domain(), s.Cuts)
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
func (e *emitter) loop(body, functions *code, table string, s *plan.Step, method string) {
	if s.Nest == nil {
		return
	}
	l := e.newLoop(s, pieceNames(s.Domain(), s.Cuts))
	l.leaf = e.scope.fresh(method + "Loop")
	l.doc = l.docOf(s)
	l.work = s.Work(table == "infer")
	l.emit(body, functions)
}

// finish declares a method and puts it into the table.
func (e *emitter) finish(
	file *code, table string, s *plan.Step, doc []string, name string, body, functions *code,
) {
	whole := &code{}
	decodeTask(whole, body, s)
	whole.add(body)
	file.declare(function{doc: doc, method: true, name: name, params: "task int", body: whole})
	file.add(functions)
	e.row(table, s, name)
}

// row adds a step to its table.
func (e *emitter) row(table string, s *plan.Step, method string) {
	e.rows[table] = append(e.rows[table], row{name: strings.ReplaceAll(s.Name, ".", " "),
		layer: s.Origin.Layer, pass: s.Origin.Pass.String(), method: method, tasks: s.Tasks(),
		flops: s.Flops, bytes: s.Bytes})
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
func decodeTask(c, body *code, s *plan.Step) {
	names := pieceNames(s.Domain(), s.Cuts)
	var vars, values []string
	add := func(name string, count int, value string) {
		if count == 1 {
			return
		}
		if !body.mentions(name) {
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
		c.line("%s := %s", strings.Join(vars, ", "), strings.Join(values, ", "))
	}
}

// methodDoc says what a step computes: the lines of the IR, and where they come from.
func methodDoc(s *plan.Step, method string) []string {
	results := make([]string, len(s.Values))
	for i, v := range s.Values {
		results[i] = v.Name
	}
	doc := wrap(method+" computes "+enumerate(results)+".", false)
	doc = append(doc, "")
	for _, v := range s.Values {
		bare := *v
		bare.Origin = ir.Origin{}
		doc = append(doc, wrap(ir.FormatValue(&bare), true)...)
	}
	if k := s.Kernel; k != nil && k.Op.Doc != "" {
		doc = append(doc, "", "Formula:", "")
		doc = append(doc, wrap(k.Op.Doc, true)...)
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
	doc := append(wrap(l.leaf+what, false), "")
	for _, o := range s.Loop.Outs {
		text := o.Expr.Format(func(i int) string { return s.Loop.Args[i].Name })
		if o.Fold != "" {
			text = fmt.Sprintf("%s over axes %s of %s", o.Fold, ir.Shape(o.Axes), text)
		}
		doc = append(doc, wrap(o.Name+" = "+text, true)...)
	}
	return doc
}

// combine emits the step that combines the partial results of another.
func (e *emitter) combine(file *code, table string, s *plan.Step) error {
	c := s.Combine
	body, functions := &code{}, &code{}
	if c.Nest != nil {
		method := e.scope.fresh(e.methods[s] + "Sum")
		e.loop(body, functions, table, c, method)
		doc := wrap(fmt.Sprintf("%s adds up the %d parts of the batch.", method, s.Split), false)
		e.finish(file, table, c, doc, method, body, functions)
		return nil
	}
	for i := range c.Combines {
		if err := e.combineFold(body, &c.Combines[i]); err != nil {
			return err
		}
	}
	method := e.scope.fresh(e.methods[s] + "Combine")
	doc := wrap(fmt.Sprintf("%s makes one of the results of all %d pieces, in order.", method,
		s.Cuts[0].Pieces), false)
	file.declare(function{doc: doc, method: true, name: method, params: "int", body: body})
	e.row(table, c, method)
	return nil
}

// combineFold emits how the partial results of one fold make its result.
func (e *emitter) combineFold(body *code, c *plan.Combine) error {
	if !dense(c.Out.Type) {
		return fmt.Errorf("fold %s lies as %s, not row-major", c.Out.Name, c.Out.Type)
	}
	elements := c.Out.Type.Shape.Elements()
	home, at := e.home(c.Parts.Buffer)
	outHome, outAt := e.home(c.Out.Buffer)
	out := slice(outHome, sum(outAt), elements, true)
	parts := slice(home, sum(at, fmt.Sprint(c.Parts.At)), c.Cut.Pieces*c.Stats*elements, true)
	switch c.Fold {
	case "sum":
		body.line("%s(\n%s,\n%s,\n1,\n)", e.helper(addPartials), out, parts)
	case "mean":
		body.line("%s(\n%s,\n%s,\n%d,\n)", e.helper(addPartials), out, parts, c.Elements())
	case "max":
		body.line("%s(\n%s,\n%s,\n)", e.helper(maxPartials), out, parts)
	case "var":
		body.line("%s(\n%s,\n%s,\n%d, %d, %d,\n)", e.helper(addSpreads), out, parts, c.Cut.Pieces,
			c.Cut.Size, c.Each)
	default:
		return fmt.Errorf("nothing is known of the fold %q", c.Fold)
	}
	return nil
}

// dense reports whether elements lie in row-major order without gaps.
func dense(t ir.Type) bool {
	p := t.Place()
	return p.Size == t.Shape.Elements() &&
		(t.Layout.Order == ir.RowMajor || t.Shape[2]*t.Shape[3] == 1)
}
