// Package compiler turns the graph of a network into a program for one target.
package compiler

import (
	"fmt"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/pass"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/target"
)

// Result is a compiled network with the stages on the way, for a reader to look at.
type Result struct {
	Model  *ir.Graph // as the user described it
	Grad   *ir.Graph // with gradients, before it is simplified
	Train  *ir.Graph // one training step: forward, then backward
	Infer  *ir.Graph // evaluation
	Update *ir.Graph // the optimizer's step
	Plan   *plan.Program
}

// row is a pass, and why it stands where it stands.
type row struct {
	name   string
	run    func(c *compilation) error
	graphs []stage  // that it changes; they are checked behind it
	after  []string // rows that must have run before
	reason string
}

// stage names a graph of a compilation.
type stage uint8

const (
	grad stage = iota
	train
	infer
	update
)

// passes returns the passes in their order, the same for every target.
func passes() []row {
	return []row{
		{"check", check, nil, nil, "the user's mistakes come before all else"},
		{"outputs", outputs, []stage{grad, infer}, []string{"check"},
			"losses per image are for evaluation; the mean of a padded batch means nothing"},
		{"lower_plain", lowerPlain, []stage{grad}, []string{"outputs"},
			"what has no gradient rule is differentiated by its parts"},
		{"grad", on(plain(pass.Grad), grad), []stage{grad}, []string{"lower_plain"},
			"composites that are left have better rules than their parts"},
		{"lower", lower, []stage{train, infer}, []string{"grad"},
			"forward and backward dissolve to parts that they share"},
		{"update", buildUpdate, []stage{update}, []string{"check"},
			"the optimizer's graph needs nothing but the parameters"},
		{"simplify", on(plain(pass.Simplify), train, infer, update), []stage{train, infer, update},
			[]string{"lower", "update"}, "fusion shall not copy dead or equal code"},
		{"sign", on(plain(pass.Sign), train), []stage{train}, []string{"simplify"},
			"fused expressions hide whose sign they ask for"},
		{"fuse", on(pass.Fuse, train, infer, update), []stage{train, infer, update},
			[]string{"simplify", "sign"}, "late: fused expressions hide what could be shared"},
		{"recompute", on(pass.Recompute, train), []stage{train}, []string{"fuse"},
			"only now it is known which maps are stored"},
		{"rewrite", on(pass.Rewrite, train, infer), []stage{train, infer}, []string{"grad", "fuse"},
			"fusion sees the kernels that gradients know"},
		{"layout", on(pass.Layout, train, infer, update), []stage{train, infer, update},
			[]string{"recompute", "rewrite"}, "only what is left needs a place"},
		{"schedule", schedule, nil, []string{"layout"}, "conversions of layout are steps too"},
		{"memory", memory, nil, []string{"schedule"}, "lifetimes follow from the order of the steps"},
		{"nest", nest, nil, []string{"memory"},
			"memory widens borders, which decide how loops go over planes"},
	}
}

// compilation is what passes work on.
type compilation struct {
	*Result
	target *target.Target
}

// Compile compiles the model g for a target. Its errors are the user's mistakes, with the line
// of the DSL, and *ir.RuleError, a mistake in an operation's rules. The model stays as it is.
func Compile(g *ir.Graph, t *target.Target) (r *Result, err error) {
	defer func() {
		if e := recover(); e != nil {
			rule, ok := e.(*ir.RuleError)
			if !ok {
				panic(e)
			}
			r, err = nil, rule
		}
	}()
	c := &compilation{&Result{Model: g}, t}
	for _, row := range passes() {
		if err := row.run(c); err != nil {
			return nil, err
		}
		for _, s := range row.graphs {
			if err := ir.Check(c.graph(s)); err != nil {
				return nil, fmt.Errorf("internal error: pass %s: %w", row.name, err)
			}
		}
	}
	if err := plan.Check(c.Plan); err != nil {
		return nil, fmt.Errorf("internal error: plan: %w", err)
	}
	return c.Result, nil
}

// graph returns a graph of the compilation.
func (c *compilation) graph(s stage) *ir.Graph {
	return [...]*ir.Graph{grad: c.Grad, train: c.Train, infer: c.Infer, update: c.Update}[s]
}

// on returns what runs a pass over graphs.
func on(
	pass func(*ir.Graph, *target.Target) error, stages ...stage,
) func(*compilation) error {
	return func(c *compilation) error {
		for _, s := range stages {
			if err := pass(c.graph(s), c.target); err != nil {
				return err
			}
		}
		return nil
	}
}

// plain returns a pass that does not ask the target.
func plain(pass func(*ir.Graph) error) func(*ir.Graph, *target.Target) error {
	return func(g *ir.Graph, _ *target.Target) error { return pass(g) }
}

func check(c *compilation) error { return ir.Check(c.Model) }

// outputs begins the graphs of training and of evaluation.
func outputs(c *compilation) error {
	c.Grad, c.Infer = c.Model.Clone(), c.Model.Clone()
	if err := keepOutputs(c.Grad, "loss", "logits"); err != nil {
		return err
	}
	return keepOutputs(c.Infer, "logits", "losses")
}

func lowerPlain(c *compilation) error { return pass.LowerPlain(c.Grad, ir.Train) }

func lower(c *compilation) error {
	c.Train = c.Grad.Clone() // readers look at the gradients as they were derived
	if err := pass.Lower(c.Train, ir.Train); err != nil {
		return err
	}
	return pass.Lower(c.Infer, ir.Infer)
}

func buildUpdate(c *compilation) (err error) {
	c.Update, err = pass.Update(c.Model)
	return err
}

func schedule(c *compilation) (err error) {
	c.Plan, err = pass.Schedule(c.target, c.Train, c.Update, c.Infer)
	return err
}

func memory(c *compilation) error {
	pass.Memory(c.Plan)
	return nil
}

func nest(c *compilation) error { return pass.Nest(c.Plan) }

// keepOutputs drops all outputs but those named.
func keepOutputs(g *ir.Graph, names ...string) error {
	var kept []ir.Output
	for _, name := range names {
		v := g.Output(name)
		if v == nil {
			return &ir.Error{Pos: g.Pos, Msg: fmt.Sprintf("graph %q has no output %s", g.Name, name)}
		}
		kept = append(kept, ir.Output{Name: name, Value: v})
	}
	g.Outputs = kept
	return nil
}
