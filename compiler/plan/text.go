package plan

import (
	"fmt"
	"strings"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// FormatSteps returns the steps of a program as text: for each its domain, into how many pieces
// that is cut, its arithmetic and traffic, below that what it computes, and the loops of its nest; see
// Nest.String. What combines its partial results follows without a number.
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
		conversions += s.conversions()
		for s := range s.WithCombine() {
			flops += s.Flops
			bytes += s.Bytes
			tasks += s.Tasks()
		}
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
		fmt.Fprintf(b, ", partial %d", s.Partial.Size/ir.F32.Bytes())
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
	s.formatNest(b)
	if c := s.Combine; c != nil {
		fmt.Fprintf(b, "  %s  in %dx%d, %sflop, %sB\n", c.Name, c.Cuts[0].Pieces, c.Cuts[1].Pieces,
			scaled(c.Flops), scaled(c.Bytes))
		for _, f := range c.Combines {
			fmt.Fprintf(b, "    %s: %s = %s of %d partial results\n", f.Out.Name, f.Out.Type, f.Fold,
				f.Cut.Pieces)
		}
		if c.Loop != nil {
			c.Loop.format(b)
		}
		c.formatNest(b)
	}
}

func (s *Step) formatNest(b *strings.Builder) {
	if s.Nest != nil {
		fmt.Fprintf(b, "    loops %s\n", s.Nest)
	}
}

// String returns the loops as text: what of the domain each runs over and how often; with a slash,
// into how many pieces it is cut. 2,3 are two axes in one loop, 1b blocks of axis 1 and 1l the lanes
// of one. The function's loops are in braces; a star marks a count that it gets as an argument, as
// nests of others share it. A fold stands in front of the loop that it is open around.
//
//	1b:2/2 sum 0:128 { 2,3:676* 1l:16 }
func (n *Nest) String() string {
	var words []string
	for i := range n.Axes {
		if i == n.Outer {
			words = append(words, "{")
		}
		for _, f := range n.Folds {
			if f.Level == i {
				words = append(words, f.Fold)
			}
		}
		words = append(words, n.Axes[i].String())
	}
	return strings.Join(append(words, "}"), " ")
}

// String returns one loop as text; see Nest.
func (a *Axis) String() string {
	var over []string
	for _, r := range a.Over {
		over = append(over, fmt.Sprint(r.Axis)+[...]string{"", "b", "l"}[r.Part])
	}
	text := fmt.Sprintf("%s:%d", strings.Join(over, ","), a.Size())
	if a.Pieces() > 1 {
		text += fmt.Sprintf("/%d", a.Pieces())
	}
	if a.Shared {
		text += "*"
	}
	return text
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
