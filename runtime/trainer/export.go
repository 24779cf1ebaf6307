package trainer

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gradc/gradc/internal/quote"
	"github.com/gradc/gradc/runtime/atomicfile"
	"github.com/gradc/gradc/runtime/report"
)

// exportFlags are the flags of export.
type exportFlags struct {
	weights string
	format  string
	out     string
	force   bool
}

func (t *trainer) exportCommand() *cobra.Command {
	var f exportFlags
	c := &cobra.Command{
		Use:   "export",
		Short: "Write saved weights for other programs",
		Long: `Write saved weights for other programs: parameters and running statistics, without the
optimizer's state.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return t.export(&f) },
	}
	registerWeights(c, &f.weights, t.spec)
	c.Flags().StringVar(&f.format, "format", "safetensors", "`NAME` of the format: safetensors")
	c.Flags().StringVarP(&f.out, "out", "o", t.spec.Name+".safetensors", "write to `FILE`")
	registerForce(c, &f.force)
	return c
}

func (t *trainer) export(f *exportFlags) error {
	if f.format != "safetensors" {
		return fmt.Errorf("-format %q is not supported; formats: safetensors", f.format)
	}
	if err := atomicfile.Check(f.out); err != nil {
		return fmt.Errorf("-o: %w", err)
	}
	machine := machineFlags{device: "cpu", threads: 1}
	pool, err := machine.open(t.spec.evaluation())
	if err != nil {
		return err
	}
	defer pool.Close()
	saved, err := openWeights(f.weights, t.spec)
	if err != nil {
		return err
	}
	if err := otherwise(f.weights, saved.ofNetwork(t.spec), f.force); err != nil {
		return err
	}
	net := t.build(t.spec.Recipe.Seed, pool)
	if err := copyWeights(net, saved.file); err != nil {
		return err
	}
	if err := atomicfile.Sweep(f.out); err != nil {
		return err
	}
	if err := saveTensors(f.out, t.spec, weightTensors(net), saved.state); err != nil {
		return err
	}
	return report.New(t.out, t.err, false).Write(wrote(f.out))
}

// wrote is the path of a file that was written.
type wrote string

func (w wrote) String() string { return "wrote " + quote.Name(string(w)) }
