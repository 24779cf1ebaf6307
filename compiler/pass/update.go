package pass

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
)

// Update builds the graph of one step of the model's optimizer. It sees the parameters, their
// gradients and each of its moments as one block of n floats, where n counts all parameters of
// the model: values "params", "grads" and the moments' names, updated in place; and it sees
// numbers that the host sets before each step, such as "learning_rate".
func Update(model *ir.Graph) (*ir.Graph, error) {
	rule, choice, err := optimizer(model)
	if err != nil {
		return nil, err
	}
	n := 0
	for _, p := range model.Sources("param") {
		n += p.Type.Shape.Elements()
	}
	if n == 0 {
		return nil, &ir.Error{Pos: model.Pos,
			Msg: fmt.Sprintf("graph %q has no parameters to train", model.Name)}
	}
	g := &ir.Graph{Name: model.Name, Pos: model.Pos, Recipe: model.Recipe, Ops: model.Ops}
	b := ir.NewBuilder(g)
	b.Origin = ir.Origin{Layer: rule.Name, Pass: ir.Optimize, Pos: model.Pos}
	block := func(role string) *ir.Value {
		return b.Apply(role, "block", nil, ir.Attrs{"shape": []int{n}, "role": role})
	}
	params, grads := block("params"), block("grads")
	var moments, scalars []*ir.Value
	for _, name := range rule.Moments {
		moments = append(moments, block(name))
	}
	for _, name := range rule.Scalars {
		scalars = append(scalars, b.Apply(name, "scalar", nil, ir.Attrs{"shape": []int{1}}))
	}
	newParams, newMoments := rule.Update(b, choice, params, grads, moments, scalars)
	for i, m := range moments {
		g.Updates = append(g.Updates, ir.Assign{Target: m, Value: newMoments[i]})
	}
	g.Updates = append(g.Updates, ir.Assign{Target: params, Value: newParams})
	return g, nil
}

// optimizer finds the optimizer of the model's recipe and fills in the numbers that the recipe
// leaves to it.
func optimizer(model *ir.Graph) (op.Optimizer, ir.Choice, error) {
	chosen := model.Recipe.Optimizer
	fail := func(format string, args ...any) (op.Optimizer, ir.Choice, error) {
		return op.Optimizer{}, chosen, &ir.Error{Pos: model.Pos, Msg: fmt.Sprintf(format, args...)}
	}
	rules := op.Optimizers()
	at := slices.IndexFunc(rules, func(o op.Optimizer) bool { return o.Name == chosen.Name })
	if at < 0 {
		var names []string
		for _, o := range rules {
			names = append(names, o.Name)
		}
		return fail("no optimizer is named %q; there are %s", chosen.Name, strings.Join(names, ", "))
	}
	rule := rules[at]
	choice := ir.Choice{Name: rule.Name, Args: slices.Clone(rule.Args)}
	for _, given := range chosen.Args {
		k := slices.IndexFunc(choice.Args, func(a ir.Arg) bool { return a.Name == given.Name })
		if k < 0 {
			return fail("optimizer %s has no number named %s", rule.Name, given.Name)
		}
		choice.Args[k].Value = given.Value
	}
	return rule, choice, nil
}
