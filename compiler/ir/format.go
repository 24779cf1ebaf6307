package ir

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gradc/gradc/compiler/scalar"
)

// Format returns the text form of a graph. Parse reads it back. A line reads
//
//	name: type = op(args) attribute=value … @layer pass file:line
func Format(g *Graph) string {
	var b strings.Builder
	fmt.Fprintf(&b, "graph %q %q\n", g.Name, g.Pos)
	g.Recipe.format(&b)
	for _, v := range g.Values {
		b.WriteString(FormatValue(v))
		b.WriteByte('\n')
	}
	for _, o := range g.Outputs {
		fmt.Fprintf(&b, "output %s = %s\n", o.Name, o.Value.Name)
	}
	for _, a := range g.Gradients {
		fmt.Fprintf(&b, "gradient %s = %s\n", a.Target.Name, a.Value.Name)
	}
	for _, a := range g.Updates {
		fmt.Fprintf(&b, "update %s = %s\n", a.Target.Name, a.Value.Name)
	}
	return b.String()
}

// FormatValue returns the line of one value.
func FormatValue(v *Value) string {
	args := make([]string, len(v.Args))
	for i, a := range v.Args {
		args[i] = a.Name
	}
	line := fmt.Sprintf("%s: %s = %s(%s)%s", v.Name, v.Type, v.Op.Name,
		strings.Join(args, ", "), v.Attrs.Format(v.Op.Attrs))
	if v.Origin != (Origin{}) {
		layer := v.Layer
		if layer == "" {
			layer = "-"
		}
		line += fmt.Sprintf(" @%s %s %s", layer, v.Pass, strconv.Quote(v.Pos))
	}
	return line
}

func (r *Recipe) format(b *strings.Builder) {
	if r.Batch == 0 {
		return // a graph without training, in tests
	}
	direct := ""
	if r.Direct {
		direct = " direct=true"
	}
	fmt.Fprintf(b, "recipe batch=%d epochs=%d seed=%d lr=%s data=%q%s\n", r.Batch, r.Epochs, r.Seed,
		scalar.FormatNumber(r.LearningRate), r.Data, direct)
	r.Optimizer.format(b, "optimizer")
	r.Schedule.format(b, "schedule")
	for _, a := range r.Augment {
		a.format(b, "augment")
	}
	if len(r.Mean) > 0 {
		fmt.Fprintf(b, "normalize %s\n", r.Normalize())
	}
}

// Normalize returns what happens to pixels as mean=[0.13] std=[0.23]; empty if nothing does.
func (r *Recipe) Normalize() string {
	if len(r.Mean) == 0 {
		return ""
	}
	return fmt.Sprintf("mean=%s std=%s", formatFloats(r.Mean), formatFloats(r.Std))
}

func (c Choice) format(b *strings.Builder, kind string) {
	if c.Name != "" {
		fmt.Fprintf(b, "%s %s\n", kind, c)
	}
}

// String returns the choice as adam beta1=0.9 beta2=0.999.
func (c Choice) String() string {
	s := c.Name
	for _, a := range c.Args {
		s += " " + a.Name + "=" + scalar.FormatNumber(a.Value)
	}
	return s
}

func formatFloats(list []float64) string {
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = scalar.FormatNumber(v)
	}
	return "[" + strings.Join(parts, ",") + "]"
}
