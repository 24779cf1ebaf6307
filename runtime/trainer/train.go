package trainer

import (
	"errors"
	"fmt"
	"math"

	"github.com/spf13/cobra"

	"github.com/gradc/gradc/runtime/data"
	"github.com/gradc/gradc/runtime/parallel"
	"github.com/gradc/gradc/runtime/report"
)

// trainFlags are the flags of train.
type trainFlags struct {
	data     dataFlags
	machine  machineFlags
	epochs   int
	maxSteps int64
	rate     float64
	seed     uint64
	runDir   string
	resume   bool
	force    bool
	json     bool
}

func (t *trainer) trainCommand() *cobra.Command {
	var f trainFlags
	recipe := &t.spec.Recipe
	c := &cobra.Command{
		Use:   "train",
		Short: "Train the network and save its weights",
		Long: `Train the network and save its weights.

The run directory receives best.safetensors (the weights with the highest test accuracy),
last.safetensors (everything a resume needs, written after each epoch and on an interrupt) and
run.json (the summary). Files of an earlier training are replaced when the first weights are saved,
unless -resume goes on with it. A resumed training ends with the same weights as an uninterrupted
one; it is refused where network, recipe, data or names of classes differ. -data-dir has to be given
again. One training at a time works in a run directory.`,
		Args: cobra.NoArgs,
	}
	c.RunE = func(*cobra.Command, []string) error { return t.train(&f, c.Flags().Changed) }
	f.data.register(c, recipe.Data)
	f.machine.register(c)
	flags := c.Flags()
	flags.IntVar(&f.epochs, "epochs", recipe.Epochs, "train for `N` epochs in all")
	flags.Int64Var(&f.maxSteps, "max-steps", 0, "stop after `N` steps in all, evaluate and save")
	flags.Float64Var(&f.rate, "lr", recipe.LearningRate, "base learning rate `X`")
	flags.Uint64Var(&f.seed, "seed", recipe.Seed, "`N` keys all random numbers")
	flags.StringVar(&f.runDir, "run-dir", string(defaultRunDir(t.spec)), "`DIR` to write to")
	flags.BoolVar(&f.resume, "resume", false,
		"go on with the training in the run directory; its data, epochs, lr and seed are the defaults")
	registerForce(c, &f.force)
	flags.BoolVar(&f.json, "json", false, "write JSON lines; the last is the summary")
	return c
}

func (f *trainFlags) check() error {
	switch {
	case f.epochs < 1 || f.epochs > maxEpochs:
		return fmt.Errorf("-epochs %d: use 1 to %d", f.epochs, maxEpochs)
	case f.maxSteps < 0:
		return fmt.Errorf("-max-steps %d is negative; 0 is no limit", f.maxSteps)
	case !usableRate(f.rate):
		return fmt.Errorf("-lr %v is no learning rate; use a number from %.3g to %.3g", f.rate,
			minRate, math.MaxFloat32)
	case f.runDir == "":
		return fmt.Errorf("-run-dir is empty; name a directory")
	}
	return nil
}

// adopt takes the choices of a saved training where no flag makes one.
func (f *trainFlags) adopt(saved *state, given func(flag string) bool) {
	if !given("data") {
		f.data.name = saved.Data
	}
	if !given("seed") {
		f.seed = saved.Seed
	}
	if !given("epochs") {
		f.epochs = saved.Epochs
	}
	if !given("lr") {
		f.rate = saved.LearningRate
	}
}

// train is the train command; given tells whether a flag was on the command line.
func (t *trainer) train(f *trainFlags, given func(flag string) bool) (err error) {
	if err := f.check(); err != nil {
		return err
	}
	dir, needs := runDir(f.runDir), t.spec.training()
	if err := f.data.prepare(t.spec, 2, &needs); err != nil {
		return err
	}
	if f.resume {
		if err := dir.resumable(); err != nil {
			return err
		}
	}
	pool, err := f.machine.open(needs)
	if err != nil {
		return err
	}
	defer pool.Close()
	release, err := dir.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	s, err := t.start(f, given, pool)
	if err != nil {
		return err
	}
	defer s.close()
	return s.run()
}

// start makes a session that begins a training or takes one up, and tells its header.
func (t *trainer) start(f *trainFlags, given func(flag string) bool, pool *parallel.Pool) (
	*session, error) {
	var saved *savedWeights
	if f.resume {
		var err error
		if saved, err = openTraining(runDir(f.runDir).last(), t.spec); err != nil {
			return nil, err
		}
		f.adopt(saved.state, given)
	}
	rep := report.New(t.out, t.err, f.json)
	sets, err := f.data.open(t.ctx, t.spec, rep)
	if err != nil {
		return nil, err
	}
	s := t.newSession(f, sets, t.build(f.seed, pool), rep)
	if f.resume {
		err = s.resume(saved, f.force)
	} else {
		Initialise(s.net, f.seed)
	}
	if err == nil {
		err = s.tell(t.header(f, s, pool.Threads(), sets))
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (t *trainer) newSession(f *trainFlags, sets splits, net Network,
	rep *report.Report) *session {
	p, batch := &t.spec.Recipe.Pipeline, t.spec.Batch
	return &session{
		ctx:    t.ctx,
		net:    net,
		report: rep,
		dir:    runDir(f.runDir),
		limit:  f.maxSteps,
		train:  data.NewLoader(sets.train, p, batch, f.seed, true, f.data.workers),
		test:   data.NewLoader(sets.test, p, batch, f.seed, false, f.data.workers),
		state: state{
			choice: choice{
				Data: f.data.name, Seed: f.seed, Epochs: f.epochs, LearningRate: f.rate,
			},
			Batch:       batch,
			TrainImages: sets.train.Len(),
			Classes:     sets.train.ClassNames,
			Digests:     t.spec.Digests,
			TrainData:   sets.train.Digest(),
			TestData:    sets.test.Digest(),
		},
		stale:      !f.resume,
		latestStep: -1,
	}
}
