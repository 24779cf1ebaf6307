package dsl_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/dsl"
)

// TestOptimizers compares the optimizers' names, numbers and defaults with those that the compiler
// knows.
func TestOptimizers(t *testing.T) {
	var got, want []ir.Choice
	for _, optimizer := range []dsl.Optimizer{dsl.SGD(0.1), dsl.Adam(0.1), dsl.AdamW(0.1)} {
		r := recipe()
		r.Optimizer = optimizer
		layers := dsl.Sequential(dsl.Flatten(), dsl.Linear(2))
		g, err := dsl.New("test", dsl.Image(1, 4, 4), layers, r).Graph()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, g.Recipe.Optimizer)
	}
	for _, o := range op.Optimizers() {
		want = append(want, ir.Choice{Name: o.Name, Args: o.Args})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
