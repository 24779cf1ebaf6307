package trainer

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gradc/gradc/runtime/data"
	"github.com/gradc/gradc/runtime/report"
)

// evalFlags are the flags of eval.
type evalFlags struct {
	data    dataFlags
	machine machineFlags
	weights string
	split   string
	force   bool
	json    bool
}

func (t *trainer) evalCommand() *cobra.Command {
	var f evalFlags
	c := &cobra.Command{
		Use:   "eval",
		Short: "Accuracy and loss of saved weights",
		Long: `Accuracy and loss of saved weights over a split of a data set.

The data set is the one the weights were trained on, unless -data names another. Weights of another
network, of other normalisation or of other classes are refused.`,
		Args: cobra.NoArgs,
	}
	c.RunE = func(*cobra.Command, []string) error { return t.eval(&f, c.Flags().Changed) }
	f.data.register(c, t.spec.Recipe.Data)
	f.machine.register(c)
	registerWeights(c, &f.weights, t.spec)
	c.Flags().StringVar(&f.split, "split", "test", "`NAME` of the split: test or train")
	registerForce(c, &f.force)
	c.Flags().BoolVar(&f.json, "json", false, "write the result as a JSON line")
	return c
}

// registerForce adds the flag -force.
func registerForce(c *cobra.Command, force *bool) {
	c.Flags().BoolVar(force, "force", false, "take weights of something else all the same")
}

// registerWeights adds the flag -weights, whose default is where train puts the best ones.
func registerWeights(c *cobra.Command, path *string, spec *Spec) {
	c.Flags().StringVar(path, "weights", defaultRunDir(spec).best(), "`FILE` of saved weights")
}

func (t *trainer) eval(f *evalFlags, given func(flag string) bool) error {
	if f.split != "test" && f.split != "train" {
		return fmt.Errorf("-split %q is unknown; use test or train", f.split)
	}
	needs := t.spec.evaluation()
	if err := f.data.prepare(t.spec, 1, &needs); err != nil {
		return err
	}
	pool, err := f.machine.open(needs)
	if err != nil {
		return err
	}
	defer pool.Close()
	saved, err := openWeights(f.weights, t.spec)
	if err != nil {
		return err
	}
	if err := saved.evaluable(t.spec, nil, f.force); err != nil { // before data are read
		return err
	}
	if saved.state != nil && !given("data") {
		f.data.name = saved.state.Data
	}
	net := t.build(t.spec.Recipe.Seed, pool)
	if err := copyWeights(net, saved.file); err != nil {
		return err
	}
	rep := report.New(t.out, t.err, f.json)
	sets, err := f.data.open(t.ctx, t.spec, rep)
	if err != nil {
		return err
	}
	set := sets.test
	if f.split == "train" {
		set = sets.train
	}
	if err := saved.evaluable(t.spec, set.ClassNames, f.force); err != nil {
		return err
	}
	recipe := &t.spec.Recipe
	loader := data.NewLoader(set, &recipe.Pipeline, t.spec.Batch, recipe.Seed, false, f.data.workers)
	defer loader.Close()
	bar := rep.Bar(f.split, 0, loader.Batches())
	result, err := evaluate(t.ctx, net, loader, bar)
	bar.Close()
	if err != nil {
		return err
	}
	return rep.Write(evalLine{
		Event:    "summary",
		Net:      t.spec.Name,
		Weights:  f.weights,
		Data:     f.data.name,
		Split:    f.split,
		Images:   result.images,
		Accuracy: result.accuracy,
		Loss:     result.loss,
	})
}

// evalLine is the result of eval.
type evalLine struct {
	Event    string  `json:"event"`
	Net      string  `json:"net"`
	Weights  string  `json:"weights"`
	Data     string  `json:"data"`
	Split    string  `json:"split"`
	Images   int     `json:"images"`
	Accuracy float64 `json:"accuracy"`
	Loss     float64 `json:"loss"`
}

func (l evalLine) String() string {
	return fmt.Sprintf("%s %s: accuracy %.2f%%, loss %.4f over %s",
		l.Data, l.Split, 100*l.Accuracy, l.Loss, count(l.Images, "image"))
}
