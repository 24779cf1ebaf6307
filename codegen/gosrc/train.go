package gosrc

import (
	"fmt"
	"slices"

	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
)

// train emits the training loop, one step of it and the evaluation of a batch.
func (e *emitter) train(file *code) error {
	c := &code{}
	c.block("for e.Next()", func(c *code) {
		c.line("loss := n.Step(e.Images(), e.Labels(), e.Step(), e.Rate())")
		c.line("e.Done(loss, n.logits)")
	})
	c.line("return e.Err()")
	file.declare(function{doc: []string{"TrainEpoch takes a step for each batch of the epoch."},
		method: true, name: "TrainEpoch", params: "e *trainer.Epoch", results: "error", body: c})

	c = &code{}
	e.takeBatch(c)
	c.line("n.step = uint64(step)")
	if err := e.setScalars(c); err != nil {
		return err
	}
	c.gap()
	c.line("n.run(n.forward)")
	c.line("n.run(n.backward)")
	c.line("n.run(n.update)")
	c.gap()
	if logits := e.output(e.Plan.TrainOutputs, "logits"); logits != "" {
		c.line("n.logits = %s", logits)
	}
	loss := "0"
	if v := e.output(e.Plan.TrainOutputs, "loss"); v != "" {
		loss = "n.loss()"
		body := &code{}
		body.line("return %s[0]", v)
		defer file.declare(function{doc: []string{"loss is the mean loss of the last forward pass."},
			method: true, name: "loss", results: "float32", body: body})
	}
	c.line("return %s", loss)
	file.declare(function{
		doc: []string{"Step trains on one batch and returns its mean loss:", "",
			"\tforward, backward, " + plain(e.Plan.Recipe.Optimizer.String())},
		method: true, name: "Step",
		params:  "images []float32, labels []int32, step int64, rate float32",
		results: "float32", body: c})

	c = &code{}
	e.takeBatch(c)
	c.line("n.run(n.infer)")
	for _, name := range []string{"logits", "losses"} {
		if v := e.output(e.Plan.InferOutputs, name); v != "" {
			c.line("n.%s = %s", name, v)
		}
	}
	file.declare(function{doc: []string{"Infer evaluates one batch."}, method: true, name: "Infer",
		params: "images []float32, labels []int32", body: c})
	return nil
}

// takeBatch emits how the images and labels of a step are taken; too few of them are a panic.
func (e *emitter) takeBatch(c *code) {
	c.line("n.images, n.labels = images[:%d], labels[:%d]", e.Plan.Input.Elements(), e.batch())
}

// setScalars emits the numbers that the optimizer needs for a step.
func (e *emitter) setScalars(c *code) error {
	p := e.Plan
	at := map[string]string{}
	for _, b := range p.Buffers {
		if b.Space == plan.Scalars {
			home, name := e.home(b)
			at[b.Name] = fmt.Sprintf("%s[%s]", home, name)
		}
	}
	for _, name := range p.Scalars {
		if !slices.Contains([]string{"learning_rate", "correction1", "correction2"}, name) {
			return fmt.Errorf("optimizer %s: nothing is known of its number %q",
				p.Recipe.Optimizer.Name, name)
		}
	}
	if rate := at["learning_rate"]; rate != "" {
		c.line("%s = rate", rate)
	}
	if first, second := at["correction1"], at["correction2"]; first != "" && second != "" {
		c.line("adam := optim.Adam{Beta1: %s, Beta2: %s}",
			scalar.FormatNumber(p.Recipe.Optimizer.Arg("beta1")),
			scalar.FormatNumber(p.Recipe.Optimizer.Arg("beta2")))
		c.line("%s, %s = adam.Corrections(step)", first, second)
	}
	return nil
}

// main emits the command, if the package is one.
func (e *emitter) main(file *code) error {
	if e.Package != main {
		return nil
	}
	c := &code{}
	c.line("os.Exit(trainer.Main(newSpec(), build))")
	file.declare(function{name: "main", body: c})
	c = &code{}
	c.line("return newNet(seed, pool)")
	file.declare(function{
		doc:  []string{"build makes the network for the trainer."},
		name: "build", params: "seed uint64, pool *parallel.Pool", results: "trainer.Network", body: c})
	return nil
}
