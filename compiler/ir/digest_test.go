package ir_test

import (
	"strings"
	"testing"

	"github.com/gradc/gradc/compiler/ir"
)

const digested = `graph "net" "net.go:10"
recipe batch=4 epochs=3 seed=1 lr=0.001 data="digits"
optimizer adam beta1=0.9 eps=1e-08
images: f32[4,3,8,8] = input() shape=[4,3,8,8] @- forward "net.go:1"
labels: i32[4] = labels() shape=[4] @- forward "net.go:1"
conv1.weight: f32[5,3,3,3] = param() shape=[5,3,3,3] init="he_normal" fan_in=27 fan_out=45 gain=1 @conv1 forward "net.go:2"
conv1: f32[4,5,8,8] = conv2d(images, conv1.weight) stride=[1,1] pad=[1,1] dilation=[1,1] @conv1 forward "net.go:2"
bn1.running_mean: f32[5] = state() shape=[5] init=0 @bn1 forward "net.go:3"
bn1.running_var: f32[5] = state() shape=[5] init=1 @bn1 forward "net.go:3"
bn1: f32[4,5,8,8] = batch_norm(conv1, bn1.running_mean, bn1.running_var) eps=1e-05 momentum=0.1 affine=false @bn1 forward "net.go:3"
relu1: f32[4,5,8,8] = relu(bn1) @relu1 forward "net.go:4"
drop1: f32[4,5,8,8] = dropout(relu1) p=0.5 site=0 @drop1 forward "net.go:5"
flat1: f32[4,320] = flatten(drop1) @flat1 forward "net.go:6"
losses: f32[4,1] = cross_entropy(flat1, labels) label_smoothing=0 temperature=1 @loss forward "net.go:7"
output logits = flat1
output losses = losses
`

// TestDigest changes one thing at a time.
func TestDigest(t *testing.T) {
	digest := func(text string, mode ir.Mode) string {
		g := parse(t, text)
		return ir.Digest(g, g.Output("logits"), mode)
	}
	tests := []struct {
		reason       string
		old, new     string
		infer, train bool // the digest stays
	}{
		{"another line", `forward "net.go:4"`, `forward "model.go:40"`, true, true},
		{"another layer", `@relu1`, `@act`, true, true},
		{"another name of a value", "relu1", "act1", true, true},
		{"another name of the network", `"net"`, `"work"`, true, true},
		{"another recipe", "lr=0.001", "lr=0.1", true, true},
		{"another loss", "temperature=1", "temperature=2", true, true},
		{"another size of the batch", "[4", "[7", true, true},
		{"another beginning of a parameter", `"he_normal"`, `"zeros"`, true, true},
		{"another beginning of a statistic", "init=1", "init=2", true, true},
		{"another momentum", "momentum=0.1", "momentum=0.2", true, false},
		{"another dropout", "p=0.5", "p=0.4", true, false},
		{"no dropout", "p=0.5", "p=0", true, false},
		{"another activation", "relu(", "sigmoid(", false, false},
		{"another eps", "eps=1e-05", "eps=1e-03", false, false},
		{"another name of a parameter", "conv1.weight", "first.weight", false, false},
		{"statistics exchanged", "(conv1, bn1.running_mean, bn1.running_var)",
			"(conv1, bn1.running_var, bn1.running_mean)", false, false},
		{"another image", "8,8", "9,9", false, false},
	}
	infer, train := digest(digested, ir.Infer), digest(digested, ir.Train)
	if infer == train {
		t.Error("evaluation and training are one")
	}
	for _, test := range tests {
		changed := strings.ReplaceAll(digested, test.old, test.new)
		if test.reason == "another image" {
			changed = strings.ReplaceAll(changed, "320", "405")
		}
		if changed == digested {
			t.Fatalf("%s: nothing has changed", test.reason)
		}
		if same := digest(changed, ir.Infer) == infer; same != test.infer {
			t.Errorf("%s: the digest of evaluation stays: %t", test.reason, same)
		}
		if same := digest(changed, ir.Train) == train; same != test.train {
			t.Errorf("%s: the digest of training stays: %t", test.reason, same)
		}
	}
	without := strings.ReplaceAll(digested, "flatten(drop1)", "flatten(relu1)")
	if digest(without, ir.Infer) != infer {
		t.Error("a layer that does nothing in evaluation counts there")
	}
}

// TestDigestIsKept has digests that checkpoints hold: a change makes old weights foreign.
func TestDigestIsKept(t *testing.T) {
	g := parse(t, digested)
	for _, test := range []struct {
		mode ir.Mode
		want string
	}{
		{ir.Infer, "48213f9662a479e93f958beeecf2773343231670360704e6a01bae95ec748c02"},
		{ir.Train, "7503a1a42b509572cf92a17ad3126c367ad17b58a0fe84032740d565d7ff89de"},
	} {
		if got := ir.Digest(g, g.Output("logits"), test.mode); got != test.want {
			t.Errorf("mode %d: %s, want %s", test.mode, got, test.want)
		}
	}
}
