package plan

import (
	"fmt"
	"strings"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// FormatSteps returns the steps of a program as text: for each its domain, into how many pieces
// that is cut, its arithmetic and traffic, and below that what it computes.
func FormatSteps(p *Program) string {
	var b strings.Builder
	fmt.Fprintf(&b, "plan %q %q\n", p.Name, p.Pos)
	for _, part := range []struct {
		name    string
		steps   []*Step
		outputs []Output
	}{{"training", p.Train, p.TrainOutputs}, {"update", p.Update, nil},
		{"evaluation", p.Infer, p.InferOutputs}} {
		if len(part.steps) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n%s: %s\n", part.name, summary(part.steps))
		for i, s := range part.steps {
			b.WriteString("\n")
			s.format(&b, i)
		}
		for i, o := range part.outputs {
			if i == 0 {
				b.WriteString("\n")
			}
			fmt.Fprintf(&b, "output %s = %s: %s\n", o.Name, o.Operand.Name, o.Type)
		}
	}
	return b.String()
}

// summary counts what steps do.
func summary(steps []*Step) string {
	var flops, bytes int64
	tasks, conversions := 0, 0
	for _, s := range steps {
		flops += s.Flops
		bytes += s.Bytes
		tasks += s.Tasks()
		conversions += s.conversions()
	}
	return fmt.Sprintf("%s, %s, %s, %sflop, %sB moved", ir.Plural(len(steps), "step"),
		ir.Plural(tasks, "task"), ir.Plural(conversions, "conversion"), scaled(flops), scaled(bytes))
}

// conversions counts the results that are an argument in another layout.
func (s *Step) conversions() int {
	n := 0
	for _, o := range s.Writes() {
		if o.Buffer.Kind == Conversion {
			n++
		}
	}
	return n
}

// scaled returns n with a decimal prefix: 1.5 M.
func scaled(n int64) string {
	x := float64(n)
	for _, prefix := range []string{"", "k", "M", "G"} {
		if x < 1000 {
			return strings.TrimSuffix(fmt.Sprintf("%.1f", x), ".0") + " " + prefix
		}
		x /= 1000
	}
	return fmt.Sprintf("%.1f T", x)
}

func (s *Step) format(b *strings.Builder, index int) {
	fmt.Fprintf(b, "%d %s  %s in %dx%d", index, s.Name, s.Domain(), s.Cuts[0].Pieces,
		s.Cuts[1].Pieces)
	if s.Split > 1 {
		fmt.Fprintf(b, " split %d", s.Split)
	}
	if s.Partial != nil {
		fmt.Fprintf(b, ", partial %d", s.Partial.Size)
	}
	fmt.Fprintf(b, ", %sflop, %sB\n", scaled(s.Flops), scaled(s.Bytes))
	if k := s.Kernel; k != nil {
		args := make([]string, len(k.Args))
		for i, a := range k.Args {
			args[i] = a.Name + ": " + a.Type.String()
		}
		fmt.Fprintf(b, "    %s = %s(%s)", k.Out.Name, k.Op.Name, strings.Join(args, ", "))
		b.WriteString(k.Attrs.Format(k.Op.Attrs))
		if k.Out.Buffer == nil {
			b.WriteString(", not stored")
		}
		b.WriteString("\n")
	}
	if s.Loop != nil {
		s.Loop.format(b)
	}
}

// format writes the expressions of a loop. What several of them share has a name: that of a result,
// or t0, t1 and so on.
func (l *Loop) format(b *strings.Builder) {
	exprs := make([]*scalar.Expr, len(l.Outs))
	for k, o := range l.Outs {
		exprs[k] = o.Expr
	}
	line := scalar.Linearize(exprs...)
	nodes, name := l.formatShared(b, line)
	for k, o := range l.Outs {
		text := nodes[line.Result[k]].Format(name)
		if o.Fold != "" {
			text = fmt.Sprintf("%s over %s of %s", o.Fold, ir.Shape(o.Axes), text)
		}
		if text != o.Name { // else it is among the shared ones
			fmt.Fprintf(b, "    %s: %s = %s\n", o.Name, o.Type, text)
		}
	}
}

// formatShared writes what is used more than once. It returns for every instruction the expression
// that stands for it, and the names of what these expressions read.
func (l *Loop) formatShared(
	b *strings.Builder, line scalar.Line,
) ([]*scalar.Expr, func(i int) string) {
	var names []string
	for _, a := range l.Args {
		names = append(names, a.Name)
	}
	name := func(i int) string { return names[i] }
	uses, temps := line.Uses(), 0
	nodes := make([]*scalar.Expr, len(line.Code))
	for k, in := range line.Code {
		e := &scalar.Expr{Op: in.Op, Value: in.Value, Index: in.Index}
		for i := range in.Op.Arity() {
			e.Args[i] = nodes[in.Args[i]]
		}
		nodes[k] = e
		if in.Op.Arity() == 0 || uses[k] == 1 {
			continue
		}
		shared := fmt.Sprint("t", temps)
		left := shared
		if at := l.storedBy(line, k); at >= 0 {
			shared = l.Outs[at].Name
			left = shared + ": " + l.Outs[at].Type.String()
		} else {
			temps++
		}
		fmt.Fprintf(b, "    %s = %s\n", left, e.Format(name))
		nodes[k] = scalar.X(len(names))
		names = append(names, shared)
	}
	return nodes, name
}

// storedBy returns the first result that is what instruction k yields, -1 if there is none.
func (l *Loop) storedBy(line scalar.Line, k int) int {
	for i, o := range l.Outs {
		if o.Fold == "" && line.Result[i] == k {
			return i
		}
	}
	return -1
}
