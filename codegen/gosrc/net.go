package gosrc

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
func (e *emitter) net(file *code) error {
	p := e.Plan
	file.comment("Net is the network %s: its memory, and the passes over it.", p.Name)
	if p.Pos != "" {
		file.comment("It is described in %s.", p.Pos)
	}
	t := &code{}
	t.line("spec *trainer.Spec")
	t.line("pool *parallel.Pool")
	t.noted("of its random numbers", "seed uint64")
	t.noted("of the training", "step uint64")
	if len(e.twins) > 0 {
		t.noted("as the processor allows", "kernels kernels")
	}
	t.gap()
	t.noted(fmt.Sprintf("of the step, %s", p.Input), "images []float32")
	t.noted("of the step", "labels []int32")
	for _, b := range blockDocs {
		t.noted(fmt.Sprintf("%d floats: %s", p.Size[b.space], b.doc), "%s []float32", b.space)
	}
	if p.Scratch() > 0 {
		t.noted("of each task's own", "scratch *parallel.Scratch")
	}
	t.gap()
	t.line("forward, backward, update, infer []trainer.Kernel")
	t.gap()
	t.noted("of the last pass, in the arena", "logits, losses []float32")
	file.structType("Net", t)

	c := &code{}
	chosen := ""
	if len(e.twins) > 0 {
		chosen = "kernels: kernels{cpu.Chosen()},\n"
	}
	c.line("n := &Net{\nspec: newSpec(), pool: pool, seed: seed,\n%s%s\n}", chosen, e.allocations())
	c.line("n.buildSteps()")
	c.line("return n")
	file.declare(function{
		doc: []string{"newNet allocates the network; its steps run on the pool. Parameters are zeros, " +
			"to be", "initialised by the trainer."},
		name: "newNet", params: "seed uint64, pool *parallel.Pool", results: "*Net", body: c})
	e.getters(file)
	e.runner(file)
	return nil
}

func (e *emitter) allocations() string {
	var lines []string
	for _, b := range blockDocs {
		lines = append(lines, fmt.Sprintf("%s: make([]float32, %d),", b.space, e.Plan.Size[b.space]))
	}
	if floats := e.Plan.Scratch(); floats > 0 {
		lines = append(lines, fmt.Sprintf("scratch: parallel.NewScratch(pool, %d),", floats))
	}
	return strings.Join(lines, "\n")
}

func (e *emitter) getters(file *code) {
	for _, g := range []struct{ doc, name, result, value string }{
		{"Spec tells what is known of the network.", "Spec", "*trainer.Spec", "n.spec"},
		{"Params is the block of parameters.", "Params", "[]float32", "n.params"},
		{"Moments is the optimizer's state.", "Moments", "[]float32", "n.moments"},
		{"States is the block of running statistics.", "States", "[]float32", "n.states"},
		{fmt.Sprintf("Logits is [%d, %d], of the last Step or Infer.", e.batch(), e.Plan.Classes),
			"Logits", "[]float32", "n.logits"},
		{fmt.Sprintf("Losses is [%d], of the last Infer.", e.batch()), "Losses", "[]float32",
			"n.losses"},
		{"TrainKernels lists what a Step runs, in order.", "TrainKernels", "[]trainer.Kernel",
			"slices.Concat(n.forward, n.backward, n.update)"},
	} {
		c := &code{}
		c.line("return %s", g.value)
		file.declare(function{doc: []string{g.doc}, method: true, name: g.name, results: g.result,
			body: c})
	}
}

func (e *emitter) batch() int { return e.Plan.Input[0] }

func (e *emitter) runner(file *code) {
	c := &code{}
	c.block("for i := range steps", func(c *code) {
		c.line("n.pool.Run(steps[i].Tasks, steps[i].Run)")
	})
	file.declare(function{
		doc:    []string{"run runs steps, each when the one before is done."},
		method: true, name: "run", params: "steps []trainer.Kernel", body: c})
}
