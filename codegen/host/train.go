package host

import (
	"fmt"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
)

// train emits the training loop, one step of it and the evaluation of a batch.
func (n *Net) train(file *Code) error {
	c := &Code{}
	c.Block("for e.Next()", func(c *Code) {
		c.Line("loss := n.Step(e.Images(), e.Labels(), e.Step(), e.Rate())")
		c.Line("e.Done(loss, n.logits)")
	})
	c.Line("return e.Err()")
	file.Declare(Function{Doc: []string{"TrainEpoch takes a step for each batch of the epoch."},
		Method: true, Name: "TrainEpoch", Params: "e *trainer.Epoch", Results: "error", Body: c})

	c = &Code{}
	n.takeBatch(c)
	c.Line("n.step = uint64(step)")
	if err := n.setScalars(c); err != nil {
		return err
	}
	c.Gap()
	c.Line("n.run(n.forward)")
	c.Line("n.run(n.backward)")
	c.Line("n.run(n.update)")
	c.Gap()
	if logits := n.output(n.Plan.TrainOutputs, "logits"); logits != "" {
		c.Line("n.logits = %s", logits)
	}
	loss := "0"
	if v := n.output(n.Plan.TrainOutputs, "loss"); v != "" {
		loss = "n.loss()"
		body := &Code{}
		body.Line("return %s[0]", v)
		defer file.Declare(Function{Doc: []string{"loss is the mean loss of the last forward pass."},
			Method: true, Name: "loss", Results: "float32", Body: body})
	}
	c.Line("return %s", loss)
	file.Declare(Function{
		Doc: []string{"Step trains on one batch and returns its mean loss:", "",
			"\tforward, backward, " + Plain(n.Plan.Recipe.Optimizer.String())},
		Method: true, Name: "Step",
		Params:  "images []float32, labels []int32, step int64, rate float32",
		Results: "float32", Body: c})

	c = &Code{}
	n.takeBatch(c)
	c.Line("n.run(n.infer)")
	for _, name := range []string{"logits", "losses"} {
		if v := n.output(n.Plan.InferOutputs, name); v != "" {
			c.Line("n.%s = %s", name, v)
		}
	}
	file.Declare(Function{Doc: []string{"Infer evaluates one batch."}, Method: true, Name: "Infer",
		Params: "images []float32, labels []int32", Body: c})
	return nil
}

// takeBatch emits how the images and labels of a step are taken; too few of them are a panic.
func (n *Net) takeBatch(c *Code) {
	c.Line("n.images, n.labels = images[:%d], labels[:%d]", n.Plan.Input.Elements(), n.batch())
}

// setScalars emits the numbers that the optimizer needs for a step.
func (n *Net) setScalars(c *Code) error {
	p := n.Plan
	at := map[string]string{}
	for _, b := range p.Buffers {
		if b.Space == plan.Scalars {
			home, name := n.Home(b)
			at[b.Name] = fmt.Sprintf("%s[%s]", home, name)
		}
	}
	for _, name := range p.Scalars {
		if !slices.Contains([]string{"learning_rate", "correction1", "correction2"}, name) {
			return &ir.Error{Pos: p.Pos, Msg: fmt.Sprintf("nothing is known of the number %s of "+
				"the optimizer %s", name, p.Recipe.Optimizer.Name)}
		}
	}
	if rate := at["learning_rate"]; rate != "" {
		c.Line("%s = rate", rate)
	}
	if first, second := at["correction1"], at["correction2"]; first != "" && second != "" {
		c.Line("adam := optim.Adam{Beta1: %s, Beta2: %s}",
			scalar.FormatNumber(p.Recipe.Optimizer.Arg("beta1")),
			scalar.FormatNumber(p.Recipe.Optimizer.Arg("beta2")))
		c.Line("%s, %s = adam.Corrections(step)", first, second)
	}
	return nil
}

// main emits the command, if the package is one.
func (n *Net) main(file *Code) error {
	if n.Name != main {
		return nil
	}
	c := &Code{}
	c.Line("os.Exit(trainer.Main(newSpec(), build))")
	file.Declare(Function{Name: "main", Body: c})
	c = &Code{}
	c.Line("return newNet(seed, pool)")
	file.Declare(Function{
		Doc:  []string{"build makes the network for the trainer."},
		Name: "build", Params: "seed uint64, pool *parallel.Pool", Results: "trainer.Network", Body: c})
	return nil
}
