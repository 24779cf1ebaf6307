package host

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

// TestDigests prints what a checkpoint tells, of a network whose logits come behind a dropout.
func TestDigests(t *testing.T) {
	g, err := ir.Parse(`graph "net" "n.go:1"
recipe batch=2 epochs=3 seed=1 lr=0.1 data="npy"
optimizer sgd momentum=0.9
schedule cosine min=0
augment random_crop padding=2
augment horizontal_flip
normalize mean=[0.5] std=[0.25]
x: f32[2,3] = input() shape=[2,3]
labels: i32[2] = labels() shape=[2]
drop1: f32[2,3] = dropout(x) p=0.5 site=0 @drop1 forward "n.go:7"
losses: f32[2,1] = cross_entropy(drop1, labels) label_smoothing=0.1 temperature=2 @loss forward "n.go:8"
output logits = drop1
output losses = losses
`, op.All())
	if err != nil {
		t.Fatal(err)
	}
	want := "trainer.Digests{\n" +
		"Inference: \"" + ir.Digest(g, g.Find("x"), ir.Infer) + "\",\n" +
		"Training: \"" + ir.Digest(g, g.Find("drop1"), ir.Train) + "\",\n" +
		"Normalize: \"mean=[0.5] std=[0.25]\",\n" +
		"Augment: \"random_crop padding=2, horizontal_flip\",\n" +
		"Loss: \"cross_entropy label_smoothing=0.1 temperature=2\",\n" +
		"Optimizer: \"sgd momentum=0.9\",\n" +
		"Schedule: \"cosine min=0\",\n}"
	if diff := cmp.Diff(want, digestsLiteral(g)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
