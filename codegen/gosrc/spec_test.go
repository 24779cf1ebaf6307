package gosrc

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/plan"
)

// TestLayersOf takes a layer of two operations: it bears the name of the first.
func TestLayersOf(t *testing.T) {
	g, err := ir.Parse(`graph "net" "n.go:1"
x: f32[2,3] = input() shape=[2,3]
fc1.weight: f32[4,3] = param() shape=[4,3] init="zeros" fan_in=3 fan_out=4 gain=1 @fc1 forward "n.go:7"
fc1.bias: f32[4] = param() shape=[4] init="zeros" fan_in=0 fan_out=0 gain=1 @fc1 forward "n.go:7"
fc1.linear: f32[2,4] = linear(x, fc1.weight) @fc1 forward "n.go:7"
fc1: f32[2,4] = bias(fc1.linear, fc1.bias) @fc1 forward "n.go:7"
output logits = fc1
`, op.All())
	if err != nil {
		t.Fatal(err)
	}
	p := &plan.Program{Recipe: ir.Recipe{Batch: 2}, Train: []*plan.Step{
		{Origin: ir.Origin{Layer: "fc1", Pass: ir.Forward}, Flops: 48},
		{Origin: ir.Origin{Layer: "fc1", Pass: ir.Backward}, Flops: 96},
	}}
	want := []string{"{\nName: \"fc1\", Op: \"linear\", Source: \"n.go:7\",\n" +
		"Shape: []int{4}, Params: 16, Flops: 24,\n}"}
	if diff := cmp.Diff(want, layersOf(p, g)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
