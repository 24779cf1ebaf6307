package host

import (
	"fmt"
	"strings"

	"github.com/gradc/gradc/compiler/plan"
)

// blockDocs describes the blocks of memory that the network allocates.
var blockDocs = []struct {
	space plan.Space
	doc   string
}{
	{plan.Arena, "activations, their gradients and workspaces"},
	{plan.Params, "all parameters"},
	{plan.Grads, "their gradients, in the same order"},
	{plan.Moments, "the optimizer's state"},
	{plan.States, "running statistics"},
	{plan.Scalars, "the optimizer's numbers of one step"},
}

// net emits the type Net with its constructor and what the trainer asks of it.
func (n *Net) net(file *Code) error {
	p := n.Plan
	file.Comment("Net is the network %s: its memory, and the passes over it.", p.Name)
	if p.Pos != "" {
		file.Comment("It is described in %s.", p.Pos)
	}
	t := &Code{}
	t.Line("spec *trainer.Spec")
	t.Line("pool *parallel.Pool")
	t.Noted("of its random numbers", "seed uint64")
	t.Noted("of the training", "step uint64")
	for _, f := range n.fields {
		t.Noted(f.Note, "%s %s", f.Name, f.Type)
	}
	t.Gap()
	t.Noted(fmt.Sprintf("of the step, %s", p.Input), "images []float32")
	t.Noted("of the step", "labels []int32")
	for _, b := range blockDocs {
		t.Noted(fmt.Sprintf("%d floats: %s", plan.Floats(p.Size[b.space]), b.doc), "%s []float32", b.space)
	}
	if p.Scratch() > 0 {
		t.Noted("of each task's own", "scratch *parallel.Scratch")
	}
	t.Gap()
	t.Line("forward, backward, update, infer []trainer.Kernel")
	t.Gap()
	t.Noted("of the last pass, in the arena", "logits, losses []float32")
	file.Struct("Net", t)

	c := &Code{}
	c.Line("n := &Net{\nspec: newSpec(), pool: pool, seed: seed,\n%s\n}", n.values())
	c.Line("n.buildSteps()")
	c.Line("return n")
	file.Declare(Function{
		Doc: []string{"newNet allocates the network; its steps run on the pool. Parameters are zeros, " +
			"to be", "initialised by the trainer."},
		Name: "newNet", Params: "seed uint64, pool *parallel.Pool", Results: "*Net", Body: c})
	n.getters(file)
	n.runner(file)
	return nil
}

// values prints the values of the fields that do not come from the arguments.
func (n *Net) values() string {
	var lines []string
	for _, f := range n.fields {
		lines = append(lines, fmt.Sprintf("%s: %s,", f.Name, f.Value))
	}
	for _, b := range blockDocs {
		lines = append(lines, fmt.Sprintf("%s: make([]float32, %d),", b.space,
			plan.Floats(n.Plan.Size[b.space])))
	}
	if floats := plan.Floats(n.Plan.Scratch()); floats > 0 {
		lines = append(lines, fmt.Sprintf("scratch: parallel.NewScratch(pool, %d),", floats))
	}
	return strings.Join(lines, "\n")
}

func (n *Net) getters(file *Code) {
	for _, g := range []struct{ doc, name, result, value string }{
		{"Spec tells what is known of the network.", "Spec", "*trainer.Spec", "n.spec"},
		{"Params is the block of parameters.", "Params", "[]float32", "n.params"},
		{"Moments is the optimizer's state.", "Moments", "[]float32", "n.moments"},
		{"States is the block of running statistics.", "States", "[]float32", "n.states"},
		{fmt.Sprintf("Logits is [%d, %d], of the last Step or Infer.", n.batch(), n.Plan.Classes),
			"Logits", "[]float32", "n.logits"},
		{fmt.Sprintf("Losses is [%d], of the last Infer.", n.batch()), "Losses", "[]float32",
			"n.losses"},
		{"TrainKernels lists what a Step runs, in order.", "TrainKernels", "[]trainer.Kernel",
			"slices.Concat(n.forward, n.backward, n.update)"},
	} {
		c := &Code{}
		c.Line("return %s", g.value)
		file.Declare(Function{Doc: []string{g.doc}, Method: true, Name: g.name, Results: g.result,
			Body: c})
	}
}

func (n *Net) batch() int { return n.Plan.Input[0] }

func (n *Net) runner(file *Code) {
	c := &Code{}
	c.Block("for i := range steps", func(c *Code) {
		c.Line("n.pool.Run(steps[i].Tasks, steps[i].Run)")
	})
	file.Declare(Function{
		Doc:    []string{"run runs steps, each when the one before is done."},
		Method: true, Name: "run", Params: "steps []trainer.Kernel", Body: c})
}
