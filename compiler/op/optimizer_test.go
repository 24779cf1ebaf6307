package op_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/compiler/interp"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
)

// TestPyTorchOptimizers follows parameters over several steps.
func TestPyTorchOptimizers(t *testing.T) {
	rules := map[string]op.Optimizer{}
	for _, o := range op.Optimizers() {
		rules[o.Name] = o
	}
	seen := map[string]bool{}
	for _, v := range readVectors(t, "optimizers") {
		t.Run(v.name, func(t *testing.T) {
			g, err := ir.Parse(v.graph, op.All())
			must(t, err)
			name := g.Recipe.Optimizer.Name
			seen[name] = true
			followSteps(t, g, rules[name], v)
		})
	}
	for name := range rules {
		if !seen[name] {
			t.Errorf("there is no vector for %s", name)
		}
	}
}

func followSteps(t *testing.T, g *ir.Graph, rule op.Optimizer, v vector) {
	choice := g.Recipe.Optimizer
	shape := ir.Shape{len(v.given["params"])}
	b := ir.NewBuilder(g)
	source := func(op, name string, attrs ir.Attrs) *ir.Value {
		return b.Apply(name, op, nil, attrs)
	}
	block := func(name string) *ir.Value {
		return source("block", name, ir.Attrs{"shape": []int(shape), "role": name})
	}
	params, grads := block("params"), block("grads")
	var moments, scalars []*ir.Value
	contents := map[string]ir.Tensor{"params": {Shape: shape, Data: v.given["params"]}}
	for _, name := range rule.Moments {
		moments = append(moments, block(name))
		contents[name] = ir.NewTensor(shape)
	}
	for _, name := range rule.Scalars {
		scalars = append(scalars, source("scalar", name, ir.Attrs{"shape": []int{1}}))
	}
	next, nextMoments := rule.Update(b, choice, params, grads, moments, scalars)
	must(t, ir.Check(g))
	for i, rate := range v.given["rates"] {
		step := float64(i + 1)
		contents["grads"] = ir.Tensor{Shape: shape, Data: v.given[fmt.Sprintf("grads.%d", i+1)]}
		for name, e := range map[string]float64{
			"learning_rate": rate,
			"correction1":   1 / (1 - math.Pow(choice.Arg("beta1"), step)),
			"correction2":   1 / math.Sqrt(1-math.Pow(choice.Arg("beta2"), step)),
		} {
			contents[name] = ir.Tensor{Shape: ir.Shape{1}, Data: []float64{e}}
		}
		r, err := interp.Run(g, interp.Env{Sources: contents})
		must(t, err)
		key := fmt.Sprintf("params.%d", i+1)
		closeTo(t, key, r[next.Name].Data, v.expect[key])
		contents["params"] = r[next.Name]
		for k, m := range nextMoments {
			contents[moments[k].Name] = r[m.Name]
		}
	}
}

func TestOptimizerDefaults(t *testing.T) {
	got := map[string]string{}
	for _, o := range op.Optimizers() {
		got[o.Name] = ir.Choice{Name: o.Name, Args: o.Args}.String()
	}
	want := map[string]string{
		"sgd":   "sgd momentum=0 weight_decay=0 nesterov=0",
		"adam":  "adam beta1=0.9 beta2=0.999 eps=1e-08",
		"adamw": "adamw beta1=0.9 beta2=0.999 eps=1e-08 weight_decay=0.01",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the defaults are those of PyTorch (-want +got):\n%s", diff)
	}
}
