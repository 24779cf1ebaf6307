package trainer

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/gradc/gradc/runtime/cpu"
	"github.com/gradc/gradc/runtime/report"
)

func (t *trainer) infoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "info",
		Short: "The network, its parameters and its memory plan",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if _, err := cpu.Best(); err != nil {
				return err
			}
			return report.New(t.out, t.err, false).Write(info{t.spec})
		},
	}
}

// info is a network as text.
type info struct{ spec *Spec }

func (i info) String() string {
	s, r := i.spec, &i.spec.Recipe
	var b strings.Builder
	fmt.Fprintf(&b, "%s, described in %s\n", s.Name, s.Source)
	fmt.Fprintf(&b, "input %dx%dx%d (channels, height, width), %d classes, batch %d\n",
		s.Channels, s.Height, s.Width, s.Classes, s.Batch)
	fmt.Fprintf(&b, "recipe: data %s, %s, loss %s, %s, lr %v, seed %d\n\n",
		r.Data, count(r.Epochs, "epoch"), s.Digests.Loss, s.Digests.Optimizer, r.LearningRate, r.Seed)
	layersTable(&b, s)
	b.WriteByte('\n')
	tensorsTable(&b, s)
	fmt.Fprintf(&b, "\nmemory: %s in all, %s of it the arena\n",
		mebibytes(s.PlanBytes), mebibytes(4*s.Arena))
	b.WriteString(strings.TrimRight(s.Plan, "\n"))
	return strings.TrimRight(b.String(), "\n")
}

func layersTable(b *strings.Builder, s *Spec) {
	table := newTable(b)
	fmt.Fprintln(table, "layer\top\toutput\tparameters\tMFLOP/image\tsource")
	var params int
	var flops int64
	for _, l := range s.Layers {
		params += l.Params
		flops += l.Flops
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%.3f\t%s\n", l.Name, l.Op, shapeText(l.Shape),
			grouped(int64(l.Params)), float64(l.Flops)/1e6, l.Source)
	}
	fmt.Fprintf(table, "total\t\t\t%s\t%.3f\n", grouped(int64(params)), float64(flops)/1e6)
	table.Flush()
}

func tensorsTable(b *strings.Builder, s *Spec) {
	table := newTable(b)
	fmt.Fprintln(table, "tensor\tshape\tkind")
	for _, t := range s.Params {
		fmt.Fprintf(table, "%s\t%s\tparameter\n", t.Name, shapeText(t.Shape))
	}
	for _, t := range s.States {
		fmt.Fprintf(table, "%s\t%s\trunning statistic\n", t.Name, shapeText(t.Shape))
	}
	table.Flush()
}

func newTable(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }

// shapeText is a shape as 64x3x3, or "scalar".
func shapeText(shape []int) string {
	if len(shape) == 0 {
		return "scalar"
	}
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", "x"), "[]")
}
