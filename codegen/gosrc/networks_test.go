package gosrc_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gradc/gradc/compiler"
	"github.com/gradc/gradc/compiler/interp"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
	"github.com/gradc/gradc/compiler/target/cpu"
	"github.com/gradc/gradc/runtime/philox"
)

// TestNetworks runs one training step of random networks, whose channels fill their blocks of
// lanes, fill them partly or take several, and compares loss, logits and gradients with the
// interpreter.
func TestNetworks(t *testing.T) {
	for i := range 6 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(i), 9))
			n := newNetwork(r)
			for k := range 4 {
				n.layer(k)
			}
			n.head()
			n.test(t)
		})
	}
}

// TestHiddenLayers runs layers whose widths do not come in whole vectors, or not in as many as their
// tasks, behind which loops run that fold what the tasks compute.
func TestHiddenLayers(t *testing.T) {
	for _, c := range []struct {
		images ir.Shape
		widths []int
	}{
		{ir.Shape{50, 1, 28, 28}, []int{1000}},
		{ir.Shape{20, 1, 28, 28}, []int{300, 100}},
		{ir.Shape{50, 1, 20, 20}, []int{272, 784, 400}},
		{ir.Shape{50, 1, 5, 103}, nil},
	} {
		for _, normalize := range []bool{false, true} {
			t.Run(fmt.Sprint(c.images, c.widths, normalize), func(t *testing.T) {
				n := networkOn(rand.New(rand.NewPCG(3, 1)), c.images, (*rand.Rand).NormFloat64)
				n.hidden(c.widths, normalize)
				n.test(t)
			})
		}
	}
}

// hidden adds linear layers, each with batch norm or a bias, and classifies.
func (n *network) hidden(widths []int, normalize bool) {
	n.builder.Origin = ir.Origin{Layer: "hidden", Pos: "net.go:3"}
	n.apply("flat", "flatten", ir.Attrs{})
	if normalize {
		n.norm("norm", 0.1)
	}
	for i, width := range widths {
		name := fmt.Sprint("fc", i)
		n.apply(name, "linear", ir.Attrs{},
			n.param(name+".weight", 0, 0.05, width, n.x.Type.Shape[1]))
		if normalize {
			n.norm(name+".norm", 0.1)
		} else {
			n.apply(name+".biased", "bias", ir.Attrs{}, n.param(name+".bias", 0, 0.1, width))
		}
		n.apply(fmt.Sprint("act", i), "leaky_relu", ir.Attrs{"slope": 0.1})
	}
	n.classify()
}

// network is a model in the making.
type network struct {
	*uses
	x     *ir.Value
	count int
}

var channelCounts = []int{3, 8, 13, 16, 17, 32, 35}

func newNetwork(r *rand.Rand) *network {
	batch, channels := 1+r.IntN(5), channelCounts[r.IntN(len(channelCounts))]
	return networkOn(r, ir.Shape{batch, channels, 6 + r.IntN(5), 6 + r.IntN(5)},
		(*rand.Rand).NormFloat64)
}

// networkOn begins a network with images of a shape, whose pixels are drawn.
func networkOn(r *rand.Rand, images ir.Shape, draw func(*rand.Rand) float64) *network {
	g := &ir.Graph{Name: "random", Pos: "net.go:1", Ops: op.All()}
	g.Recipe = ir.Recipe{Batch: images[0], Epochs: 1, Seed: 1, LearningRate: 0.1,
		Optimizer: ir.Choice{Name: "adam", Args: []ir.Arg{{Name: "beta1", Value: 0.9},
			{Name: "beta2", Value: 0.999}, {Name: "eps", Value: 1e-8}}}}
	n := &network{uses: &uses{graph: g, builder: ir.NewBuilder(g),
		sources: map[string]ir.Tensor{}, rand: r}}
	n.x = n.source("images", "input", images, r, draw)
	return n
}

func (n *network) apply(name, op string, attrs ir.Attrs, more ...*ir.Value) {
	n.x = n.builder.Apply(name, op, append([]*ir.Value{n.x}, more...), attrs)
}

// param adds a parameter with values around the given one.
func (n *network) param(name string, around, spread float64, shape ...int) *ir.Value {
	return n.source(name, "param", shape, n.rand, func(r *rand.Rand) float64 {
		return around + spread*r.NormFloat64()
	})
}

func (n *network) state(name string, value float64, channels int) *ir.Value {
	n.sources[name] = constant(ir.Shape{channels}, value)
	return n.builder.Apply(name, "state", nil, ir.Attrs{"shape": []int{channels}, "init": value})
}

func constant(shape ir.Shape, value float64) ir.Tensor {
	t := ir.NewTensor(shape)
	for i := range t.Data {
		t.Data[i] = value
	}
	return t
}

func (n *network) layer(k int) {
	n.count++
	n.builder.Origin = ir.Origin{Layer: fmt.Sprint("layer", n.count), Pos: "net.go:2"}
	n.conv()
	switch n.rand.IntN(5) {
	case 0:
		n.apply(fmt.Sprint("pool", k), "max_pool2d", ir.Attrs{"kernel": []int{2, 3},
			"stride": []int{2, 1}, "pad": []int{1, 0}})
	case 1:
		n.apply(fmt.Sprint("pool", k), "avg_pool2d", ir.Attrs{"kernel": []int{2, 2},
			"stride": []int{1, 1}, "pad": []int{1, 1}, "count_include_pad": false})
	case 2:
		before := n.x
		n.apply(fmt.Sprint("drop", k), "dropout", ir.Attrs{"p": 0.3, "site": k})
		n.apply(fmt.Sprint("sum", k), "add", ir.Attrs{}, before)
	default:
		n.norm(fmt.Sprint("norm", k), 0.1)
	}
	n.apply(fmt.Sprint("act", k), "leaky_relu", ir.Attrs{"slope": 0.1})
}

func (n *network) norm(name string, momentum float64) {
	c := n.x.Type.Shape[1]
	n.apply(name, "batch_norm", ir.Attrs{"eps": 1e-5, "momentum": momentum, "affine": true},
		n.param(name+".weight", 1, 0.1, c), n.param(name+".bias", 0, 0.1, c),
		n.state(name+".running_mean", 0, c), n.state(name+".running_var", 1, c))
}

func (n *network) conv() {
	name := fmt.Sprint("conv", n.count)
	in, out := n.x.Type.Shape[1], channelCounts[n.rand.IntN(len(channelCounts))]
	kernel := []int{1 + n.rand.IntN(3), 1 + n.rand.IntN(3)}
	stride := [][]int{{1, 1}, {1, 1}, {2, 1}, {2, 2}}[n.rand.IntN(4)]
	dilation := [][]int{{1, 1}, {1, 1}, {1, 2}}[n.rand.IntN(3)]
	n.apply(name, "conv2d", ir.Attrs{"stride": stride, "pad": []int{1, 2}, "dilation": dilation},
		n.param(name+".weight", 0, 0.2, out, in, kernel[0], kernel[1]))
	if n.rand.IntN(2) == 0 {
		n.apply(name+".biased", "bias", ir.Attrs{}, n.param(name+".bias", 0, 0.1, out))
	}
}

func (n *network) head() {
	n.builder.Origin = ir.Origin{Layer: "head", Pos: "net.go:9"}
	if n.rand.IntN(2) == 0 {
		n.apply("global", "global_avg_pool", ir.Attrs{})
	}
	n.apply("flat", "flatten", ir.Attrs{})
	n.classify()
}

// classify ends the network: a linear layer and the loss.
func (n *network) classify() {
	batch, classes := n.graph.Recipe.Batch, 5
	n.apply("logits", "linear", ir.Attrs{},
		n.param("fc.weight", 0, 0.1, classes, n.x.Type.Shape[1]))
	logits := n.x
	labels := n.source("labels", "labels", ir.Shape{batch}, n.rand,
		func(r *rand.Rand) float64 { return float64(r.IntN(classes)) })
	n.apply("losses", "cross_entropy", ir.Attrs{"label_smoothing": 0.1, "temperature": 1.0}, labels)
	losses := n.x
	loss := op.BatchMean(n.builder, "loss", losses)
	n.graph.Outputs = []ir.Output{{Name: "logits", Value: logits}, {Name: "losses", Value: losses},
		{Name: "loss", Value: loss}}
}

func (n *network) test(t *testing.T) {
	t.Helper()
	r, err := compiler.Compile(n.graph, cpu.New())
	must(t, err)
	m := execute(t, r.Plan, n.graph, n.sources)
	want, err := interp.Run(r.Train, interp.Env{Sources: n.sources,
		Rand: func(site, element int) float64 {
			return float64(philox.Uniform(seed, uint32(site), 0, uint64(element)))
		}})
	must(t, err)
	for i, o := range r.Plan.TrainOutputs {
		compareWithin(t, o.Name, m, o.Operand, want[r.Train.Outputs[i].Value.Name], 1e-4)
	}
	for _, g := range r.Train.Gradients {
		for _, b := range r.Plan.Buffers {
			if b.Space == plan.Grads && b.Name == "d."+g.Target.Name {
				o := plan.Operand{Buffer: b, Type: g.Target.Type}
				compareWithin(t, b.Name, m, o, want[g.Value.Name], 1e-3)
			}
		}
	}
	if t.Failed() {
		t.Log(ir.Format(n.graph))
	}
}

// TestNamesFromUsers builds and runs a network whose names are no identifiers, or those of the
// emitted code itself.
func TestNamesFromUsers(t *testing.T) {
	u := newUses(8)
	var last *ir.Value
	for i, name := range []string{"func", "Net", "n", "a\nb", `"`, "// x", "math", "arena", "π", "1",
		"conv", "Conv", "con.v", "task", "forward", "step", "lane", "main", "init"} {
		u.builder.Origin = ir.Origin{Layer: name, Pos: name + ".go:1"}
		x := u.source(name+".x", "param", ir.Shape{1, 1 + i%2, 3}, u.rand, (*rand.Rand).NormFloat64)
		y := u.builder.Map(name, ir.Shape{1, 2, 3}, scalar.MustParse("x0 + 1"), x)
		if last != nil {
			y = u.builder.Map(name+"+", ir.Shape{1, 2, 3}, scalar.MustParse("x0*x1"), y, last)
		}
		last = u.builder.Reduce(name+".sum", ir.Shape{1, 2, 3}, "mean", []int{2},
			scalar.X(0), y)
		u.graph.Outputs = append(u.graph.Outputs, ir.Output{Name: name, Value: last})
	}
	u.test(t, func(*plan.Step) {})
}
