package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/target"
)

// views are the kinds of show: each prints one form that a network takes on its way.
var views = map[string]func(w io.Writer, n network, name string) error{
	"summary": showSummary,
	"ir": func(w io.Writer, n network, _ string) error {
		return print(w, ir.Format(n.result.Model))
	},
	"grad": func(w io.Writer, n network, _ string) error {
		return print(w, ir.Format(n.result.Grad))
	},
	"plan": func(w io.Writer, n network, _ string) error {
		return print(w, plan.FormatSteps(n.result.Plan))
	},
	"memory": func(w io.Writer, n network, _ string) error {
		return print(w, plan.FormatMemory(n.result.Plan))
	},
	"graph":  showGraph,
	"kernel": showKernel,
}

func print(w io.Writer, text string) error {
	_, err := io.WriteString(w, text)
	return err
}

func newShow() *cobra.Command {
	var net, targetName string
	cmd := &cobra.Command{
		Use:   "show KIND PACKAGE [NAME]",
		Short: "Print a form that a network takes on its way to code",
		Long: `Show compiles the package's network and prints one form of it:

  summary  layers with their shapes, parameters and work
  ir       the network as described, in the text form of the intermediate representation
  grad     the training graph with the derived backward pass
  plan     the steps of training, evaluation and the optimizer, as emitters receive them
  memory   the memory plan: bytes by kind, the peak, what is alive then
  graph    the network in Graphviz' language: gradc show graph PACKAGE | dot -Tsvg >net.svg
  kernel   the emitted functions of the layer or function NAME

Plan and memory are those for a target, a kind of machine. What comes before them on the way is the
same for all.`,
		Args: cobra.RangeArgs(2, 3),
		RunE: func(cmd *cobra.Command, args []string) error {
			view, ok := views[args[0]]
			if !ok {
				return fmt.Errorf("show has no kind %q: choose one of %s", args[0],
					strings.Join(slices.Sorted(maps.Keys(views)), ", "))
			}
			machine, err := targetNamed(targetName)
			if err != nil {
				return err
			}
			var name string
			switch {
			case targetName != "" && args[0] != "plan" && args[0] != "memory":
				return fmt.Errorf("show %s is not about a target: -target goes with plan and memory",
					args[0])
			case len(args) == 3 && args[0] != "kernel":
				return fmt.Errorf("show %s takes a package and no name", args[0])
			case len(args) == 3:
				name = args[2]
			}
			return show(cmd.Context(), cmd.OutOrStdout(), machine, args[1], net, name, view)
		},
	}
	addNetFlag(cmd, &net)
	cmd.Flags().StringVar(&targetName, "target", "",
		"the `NAME` of the target to plan for: "+strings.Join(targetNames(), ", "))
	return cmd
}

func show(ctx context.Context, w io.Writer, t *target.Target, pkg, net, name string,
	view func(io.Writer, network, string) error) error {
	networks, err := compileAll(ctx, t, []string{pkg}, "")
	if err != nil {
		return err
	}
	n, err := pick(networks, pkg, net)
	if err != nil {
		return err
	}
	return view(w, n, name)
}

// showSummary prints one line per layer: its operations, its result and the parameters it owns.
func showSummary(w io.Writer, n network, _ string) error {
	g := n.result.Model
	params, total := map[string]int{}, 0
	for _, p := range g.Sources("param") {
		params[p.Layer] += p.Type.Shape.Elements()
		total += p.Type.Shape.Elements()
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "layer\toperations\toutput\tparameters\tsource\n")
	var ops []string
	for i, v := range g.Values {
		if v.Op.Kind == ir.Source || v.Layer == "" {
			continue
		}
		ops = append(ops, v.Op.Name)
		if i+1 < len(g.Values) && g.Values[i+1].Layer == v.Layer {
			continue
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%d\t%s\n", v.Layer, strings.Join(ops, ", "),
			v.Type.Shape, params[v.Layer], v.Pos)
		ops = nil
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	var flops int64
	for _, s := range n.result.Plan.Train {
		flops += s.Flops
	}
	_, err := fmt.Fprintf(w, "\n%d parameters, %.2f GFLOP per training step of %d images\n",
		total, float64(flops)/1e9, g.Recipe.Batch)
	return err
}

// showGraph prints the network in Graphviz' language.
func showGraph(w io.Writer, n network, _ string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %q {\n\trankdir=TB;\n\tnode [shape=box, fontname=\"monospace\"];\n",
		n.name)
	for _, v := range n.result.Model.Values {
		shape := "box"
		if v.Op.Kind == ir.Source {
			shape = "ellipse"
		}
		fmt.Fprintf(&b, "\t%q [shape=%s, label=%q];\n", v.Name, shape,
			fmt.Sprintf("%s\n%s %s", v.Name, v.Op.Name, v.Type.Shape))
		for _, a := range v.Args {
			fmt.Fprintf(&b, "\t%q -> %q;\n", a.Name, v.Name)
		}
	}
	b.WriteString("}\n")
	return print(w, b.String())
}
