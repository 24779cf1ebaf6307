package compiler_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/scalar"
)

// drawer draws small convolutional networks: layers that may follow one another, with skip
// connections where shapes agree, and sizes that are not multiples of anything.
type drawer struct {
	*rand.Rand
	b     *ir.Builder
	x     *ir.Value   // the last layer's result
	past  []*ir.Value // earlier results
	count int
}

// randomNetwork draws a model with some layers over images and a loss.
func randomNetwork(r *rand.Rand, layers int) *ir.Graph {
	g := &ir.Graph{Name: "random", Pos: "net.go:1", Ops: op.All()}
	g.Recipe = ir.Recipe{Batch: 1 + r.IntN(4), Epochs: 1, Seed: 1, LearningRate: 0.1}
	g.Recipe.Optimizer = []ir.Choice{{Name: "adam"}, {Name: "adamw"},
		{Name: "sgd", Args: []ir.Arg{{Name: "momentum", Value: 0.9}, {Name: "nesterov", Value: 1}}},
	}[r.IntN(3)]
	d := &drawer{Rand: r, b: ir.NewBuilder(g)}
	d.x = d.b.Apply("images", "input", nil, ir.Attrs{"shape": []int{g.Recipe.Batch + 1,
		[]int{1, 3, 8, 16, 17}[r.IntN(5)], 5 + r.IntN(5), 5 + r.IntN(5)}})
	d.conv() // so that there is a parameter
	for range layers {
		d.past = append(d.past, d.x)
		d.layer()
	}
	d.head(2 + r.IntN(9))
	return g
}

// next begins a layer of a kind.
func (d *drawer) next(kind string) string {
	d.count++
	d.b.Origin = ir.Origin{Layer: fmt.Sprint(kind, d.count), Pos: fmt.Sprintf("net.go:%d", d.count)}
	return d.b.Origin.Layer
}

func (d *drawer) apply(name, op string, a ir.Attrs, more ...*ir.Value) {
	d.x = d.b.Apply(name, op, append([]*ir.Value{d.x}, more...), a)
}

func (d *drawer) param(name string, shape ...int) *ir.Value {
	return d.b.Apply(name, "param", nil, ir.Attrs{"shape": shape, "init": "ones", "fan_in": 1,
		"fan_out": 1, "gain": 1.0})
}

func (d *drawer) pair(low, high int) []int {
	return []int{low + d.IntN(high-low+1), low + d.IntN(high-low+1)}
}

func (d *drawer) layer() {
	switch d.IntN(9) {
	case 0, 1:
		d.conv()
	case 2:
		d.norm()
	case 3:
		d.pool()
	case 4:
		d.skip()
	case 5:
		d.apply(d.next("drop"), "dropout", ir.Attrs{"p": 0.3, "site": d.count})
	case 6:
		d.apply(d.next("gate"), "mul", ir.Attrs{}, d.param(d.b.Unique("gate.weight"), 1,
			d.x.Type.Shape[1], 1, 1))
	default:
		name := d.next("act")
		switch d.IntN(3) {
		case 0:
			d.apply(name, "leaky_relu", ir.Attrs{"slope": 0.01})
		case 1:
			d.apply(name, "sigmoid", ir.Attrs{})
		default:
			d.apply(name, "relu", ir.Attrs{})
		}
	}
}

func (d *drawer) conv() {
	name, in := d.next("conv"), d.x.Type.Shape
	kernel, out := d.pair(1, 3), []int{1, 5, 16, 19}[d.IntN(4)]
	a := ir.Attrs{"stride": []int{1, 1}, "pad": d.pair(0, 2), "dilation": []int{1, 1}}
	if d.IntN(4) == 0 {
		a["stride"], a["dilation"] = d.pair(1, 2), d.pair(1, 2)
	}
	for i := range 2 { // so that it fits
		if reach := a.Ints("dilation")[i] * (kernel[i] - 1); reach >= in[2+i]+2*a.Ints("pad")[i] {
			kernel[i] = 1
		}
	}
	d.apply(name, "conv2d", a, d.param(name+".weight", out, in[1], kernel[0], kernel[1]))
	if d.IntN(2) == 0 {
		d.apply(name+".biased", "bias", ir.Attrs{}, d.param(name+".bias", out))
	}
}

func (d *drawer) norm() {
	shape := d.x.Type.Shape
	if shape.Elements() == shape[1] {
		return // one element per channel has no variance
	}
	name := d.next("bn")
	state := func(what string) *ir.Value {
		return d.b.Apply(name+what, "state", nil, ir.Attrs{"shape": []int{shape[1]}, "init": 0.0})
	}
	d.apply(name, "batch_norm", ir.Attrs{"eps": 1e-5, "momentum": 0.1, "affine": true},
		d.param(name+".weight", shape[1]), d.param(name+".bias", shape[1]),
		state(".running_mean"), state(".running_var"))
}

func (d *drawer) pool() {
	kernel, stride := d.pair(1, 3), d.pair(1, 2)
	for i := range kernel { // so that it fits
		kernel[i] = min(kernel[i], d.x.Type.Shape[2+i])
	}
	pad := []int{d.IntN(kernel[0]/2 + 1), d.IntN(kernel[1]/2 + 1)}
	a := ir.Attrs{"kernel": kernel, "stride": stride, "pad": pad}
	if d.IntN(2) == 0 {
		d.apply(d.next("max"), "max_pool2d", a)
		return
	}
	a["count_include_pad"] = d.IntN(2) == 0
	d.apply(d.next("avg"), "avg_pool2d", a)
}

// skip adds an earlier result of the same shape, if there is one.
func (d *drawer) skip() {
	for _, v := range d.past {
		if v != d.x && fmt.Sprint(v.Type.Shape) == fmt.Sprint(d.x.Type.Shape) {
			d.apply(d.next("add"), "add", ir.Attrs{}, v)
			return
		}
	}
}

// head brings the images to logits, and these to the loss.
func (d *drawer) head(classes int) {
	switch d.IntN(3) {
	case 0:
		d.apply(d.next("gap"), "global_avg_pool", ir.Attrs{})
	case 1:
		d.apply(d.next("gmp"), "global_max_pool", ir.Attrs{})
	}
	d.apply(d.next("flatten"), "flatten", ir.Attrs{})
	if d.IntN(2) == 0 {
		name := d.next("fc")
		d.apply(name, "linear", ir.Attrs{}, d.param(name+".weight", 7, d.x.Type.Shape[1]))
		d.norm()
		d.apply(d.next("act"), "selu", ir.Attrs{})
	}
	name := d.next("fc")
	d.apply(name+".linear", "linear", ir.Attrs{}, d.param(name+".weight", classes, d.x.Type.Shape[1]))
	d.apply(name, "bias", ir.Attrs{}, d.param(name+".bias", classes))
	d.loss()
}

func (d *drawer) loss() {
	g, logits := d.b.Graph, d.x
	d.next("loss")
	labels := d.b.Apply("labels", "labels", nil, ir.Attrs{"shape": []int(logits.Type.Shape[:1])})
	if d.IntN(2) == 0 {
		d.apply("losses", "cross_entropy", ir.Attrs{"label_smoothing": 0.1, "temperature": 1.0}, labels)
	} else {
		d.apply("losses", "focal_loss", ir.Attrs{"gamma": 2.0, "alpha": 0.25}, labels)
	}
	losses := d.x
	d.apply("loss", "reduce", ir.Attrs{"shape": []int(losses.Type.Shape), "fold": "mean",
		"axes": []int{0}, "body": scalar.X(0)})
	g.Outputs = []ir.Output{{Name: "logits", Value: logits}, {Name: "losses", Value: losses},
		{Name: "loss", Value: d.x}}
}
