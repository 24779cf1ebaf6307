package ir_test

import (
	"testing"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
)

// network is a graph that shows everything the text form can say.
const network = `graph "tiny \"net\"" "net.go:10"
recipe batch=4 epochs=3 seed=18446744073709551615 lr=0.001 data="my data"
optimizer adam beta1=0.9 eps=1e-08
schedule cosine
augment flip p=0.5
augment crop pad=4
normalize mean=[0.1307,0.5] std=[0.3081,1e-05]
images: f32[4,3,8,8]nchw16c+1x2 = input() shape=[4,3,8,8]
labels: i32[4] = labels() shape=[4]
conv1.weight: f32[5,3,3,3]oihw16o = param() shape=[5,3,3,3] init="he_normal" fan_in=27 fan_out=45 gain=1 @conv1 forward "net.go:11"
mean: f32[4,5,8,8] = state() shape=[4,5,8,8] init=0.5
conv1: f32[4,5,8,8] = conv2d(images, conv1.weight) stride=[1,1] pad=[1,1] dilation=[1,1] @conv1 forward "net.go:11"
relu1: f32[4,5,8,8] = relu(conv1) @- backward "a b:12"
sum: f32[4,1,1,1] = reduce(relu1, mean) shape=[4,5,8,8] fold="sum" axes=[1,2,3] body="select(x1 < x0, -Inf, 1e-05*x0)" @relu1 update ""
flat: f32[4,1] = reshape(sum) shape=[4,1]
one: f32[4] = map() shape=[4] body="1"
loss: f32[4,1] = cross_entropy(flat, labels) label_smoothing=0.1 temperature=1
output loss = loss
output logits = flat
gradient conv1.weight = conv1.weight
update mean = relu1
`

func parse(t *testing.T, text string) *ir.Graph {
	t.Helper()
	g, err := ir.Parse(text, op.All())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// fewOps are operations whose rules take whatever attributes the parser lets through.
func fewOps() ir.Table {
	all, few := op.All(), ir.Table{}
	for _, name := range []string{"input", "labels", "param", "state", "map", "relu", "add"} {
		few[name] = all[name]
	}
	return few
}
