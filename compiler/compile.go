// Package compiler turns the graph of a network into a program for one target.
package compiler

import (
	"fmt"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/pass"
	"github.com/gradc/gradc/compiler/plan"
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

// step is a row of the tables below: a pass over a graph, and why it stands where it stands.
type step struct {
	name   string
	run    func(*ir.Graph) error
	reason string
}

// differentiate makes the training graph from the model.
func differentiate() []step {
	return []step{
		{"outputs", keepOutputs("loss", "logits"), "losses per image are for evaluation"},
		{"lower", lowerPlain(ir.Train), "what has no gradient rule is differentiated by its parts"},
		{"grad", pass.Grad, "composites that are left have better rules than their parts"},
	}
}

// muchMemory is how many floats the backward pass may keep before memory is worth some time.
const muchMemory = 1 << 27

// optimize makes the training graph short.
func optimize(target ir.Target) []step {
	return []step{
		{"lower", lower(ir.Train), "forward and backward dissolve to parts that they share"},
		{"simplify", pass.Simplify, "merges these parts; fusion shall not copy dead or equal code"},
		{"sign", pass.Sign, "fused expressions hide whose sign they ask for"},
		{"fuse", pass.Fuse, "late, because fused expressions hide what could be shared"},
		{"recompute", pass.Recompute(muchMemory), "only now it is known which maps are stored"},
		{"faster", pass.Faster(target), "late: fusion sees the kernels that gradients know"},
		{"layout", layout(target), "last: only what is left needs a place"},
	}
}

// evaluate makes the evaluation graph from the model.
func evaluate(target ir.Target) []step {
	return []step{
		{"outputs", keepOutputs("logits", "losses"), "the mean of a padded batch means nothing"},
		{"lower", lower(ir.Infer), "batch norm and dropout are maps here"},
		{"simplify", pass.Simplify, "the loss and its like are dead now"},
		{"fuse", pass.Fuse, "late, because fused expressions hide what could be shared"},
		{"faster", pass.Faster(target), "as in training, so that both yield the same"},
		{"layout", layout(target), "last: only what is left needs a place"},
	}
}

// update makes the optimizer's graph short.
func update(target ir.Target) []step {
	return []step{
		{"simplify", pass.Simplify, "numbers of the recipe fold into the expressions"},
		{"fuse", pass.Fuse, "what an optimizer builds of several maps is one loop over its blocks"},
		{"layout", layout(target), "gives every update a value of its own"},
	}
}

// Compile compiles the model g for a target. Its errors are the user's mistakes, with the line
// of the DSL, and *ir.RuleError, a mistake in an operation's rules. The model stays as it is.
func Compile(g *ir.Graph, target ir.Target) (r *Result, err error) {
	defer func() {
		if e := recover(); e != nil {
			rule, ok := e.(*ir.RuleError)
			if !ok {
				panic(e)
			}
			r, err = nil, rule
		}
	}()
	if err := ir.Check(g); err != nil { // the user's mistakes come before all else
		return nil, err
	}
	r = &Result{Model: g, Infer: g.Clone(), Grad: g.Clone()}
	if err := run(differentiate(), r.Grad); err != nil {
		return nil, err
	}
	r.Train = r.Grad.Clone()
	if err := run(optimize(target), r.Train); err != nil {
		return nil, err
	}
	if err := run(evaluate(target), r.Infer); err != nil {
		return nil, err
	}
	if r.Update, err = pass.Update(g); err != nil {
		return nil, err
	}
	if err := run(update(target), r.Update); err != nil {
		return nil, err
	}
	if r.Plan, err = pass.Schedule(r.Train, r.Update, r.Infer); err != nil {
		return nil, err
	}
	pass.Memory(r.Plan)
	if err := plan.Check(r.Plan, target); err != nil {
		return nil, fmt.Errorf("internal error: plan: %w", err)
	}
	return r, nil
}

// run runs passes over g and checks what each leaves behind.
func run(steps []step, g *ir.Graph) error {
	for _, s := range steps {
		if err := s.run(g); err != nil {
			return err
		}
		if err := ir.Check(g); err != nil {
			return fmt.Errorf("internal error: pass %s: %w", s.name, err)
		}
	}
	return nil
}

func lowerPlain(mode ir.Mode) func(*ir.Graph) error {
	return func(g *ir.Graph) error { return pass.LowerPlain(g, mode) }
}

func lower(mode ir.Mode) func(*ir.Graph) error {
	return func(g *ir.Graph) error { return pass.Lower(g, mode) }
}

func layout(target ir.Target) func(*ir.Graph) error {
	return func(g *ir.Graph) error { return pass.Layout(g, target) }
}

// keepOutputs drops all outputs but those named.
func keepOutputs(names ...string) func(*ir.Graph) error {
	return func(g *ir.Graph) error {
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
}
