package gosrc_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gradc/gradc/compiler"
	"github.com/gradc/gradc/compiler/interp"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/pass"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
	"github.com/gradc/gradc/compiler/target/cpu"
)

// far draws numbers whose mean is 100 deviations.
func far(r *rand.Rand) float64 { return 100 + r.NormFloat64() }

// TestStatistics takes a training step on images whose mean is 100 or -100 deviations. The
// variances that batch norms find are right to 1e-4, whatever computes what they normalise.
func TestStatistics(t *testing.T) {
	n := statisticsNetwork()
	c, err := compiler.Compile(n.graph, cpu.New())
	must(t, err)
	checkVariedFolds(t, c.Plan)
	program := assembled(t, c.Plan, n.graph)
	lowered := n.graph.Clone()
	must(t, pass.Lower(lowered, ir.Train))
	for _, sign := range []string{"positive", "negative"} {
		want, err := interp.Run(lowered, interp.Env{Sources: n.sources})
		must(t, err)
		for level, has := range levels() {
			if has {
				t.Setenv("GRADC_CPU", level)
				m := run(t, program, c.Plan, n.sources)
				compareVariances(t, sign+" mean, "+level, m, c.Plan, lowered, want)
			}
		}
		pixels := n.sources["images"].Data
		for i := range pixels {
			pixels[i] = -pixels[i]
		}
	}
}

// statisticsNetwork is the sum of branches that each compute something from the images and
// normalise it. Their running statistics are those of the last batch.
func statisticsNetwork() *network {
	r := rand.New(rand.NewPCG(21, 22))
	n := networkOn(r, ir.Shape{23, 32, 12, 12}, far)
	images := n.x
	pool := func(kernel, stride int) {
		n.apply("pool", "max_pool2d", ir.Attrs{"kernel": []int{kernel, kernel},
			"stride": []int{stride, stride}, "pad": []int{0, 0}})
	}
	linear := func(features int) {
		n.apply("flat", "flatten", ir.Attrs{})
		n.apply("linear", "linear", ir.Attrs{}, n.balanced(features, n.x.Type.Shape[1]))
	}
	conv := func(channels int) {
		n.apply("conv", "conv2d", ir.Attrs{"stride": []int{1, 1}, "pad": []int{0, 0},
			"dilation": []int{1, 1}}, n.balanced(channels, 32, 3, 3))
	}
	var sum *ir.Value
	for _, b := range []struct {
		name string
		add  func()
	}{
		{"images", func() {}},
		{"pooled", func() { pool(2, 2) }},
		{"direct", func() { conv(20) }},
		{"winograd", func() { conv(48) }},
		{"activated", func() { conv(32); n.apply("act", "leaky_relu", ir.Attrs{"slope": 0.1}) }},
		{"product", func() { pool(1, 4); linear(37) }},
		{"long", func() { linear(37) }},
	} {
		n.builder.Origin = ir.Origin{Layer: b.name, Pos: "net.go:2"}
		n.x = images
		b.add()
		n.norm(b.name+".norm", 1)
		linear(8)
		if sum != nil {
			n.apply("sum", "add", ir.Attrs{}, sum)
		}
		sum = n.x
	}
	n.classify()
	return n
}

// balanced adds weights, and makes those of each output w = n + c with Σn = 0 and c such that
//
//	|Σw| = √Σw²
//
// Then the mean of an output is as many deviations as that of the inputs, if these do not depend
// on each other.
func (n *network) balanced(shape ...int) *ir.Value {
	w := n.param(n.builder.Unique("weight"), 0, 1, shape...)
	data := n.sources[w.Name].Data
	k := len(data) / shape[0]
	sign := 1.0
	for row := range slices.Chunk(data, k) {
		mean, squares := 0.0, 0.0
		for _, v := range row {
			mean += v / float64(k)
		}
		for i := range row {
			row[i] -= mean
			squares += row[i] * row[i]
		}
		for i := range row {
			row[i] = float64(float32(row[i] + sign*math.Sqrt(squares/float64(k*(k-1)))))
		}
		sign = -sign
	}
	return w
}

// checkVariedFolds wants variances to be taken behind each kind of kernel, and by loops of their
// own, in one piece and in several.
func checkVariedFolds(t *testing.T, p *plan.Program) {
	t.Helper()
	seen := map[string]bool{}
	for _, s := range p.Train {
		folds := func(o plan.LoopOut) bool { return o.Fold == "var" }
		if s.Loop == nil || !slices.ContainsFunc(s.Loop.Outs, folds) {
			continue
		}
		kind := "loop"
		if s.Kernel != nil {
			kind = s.Kernel.Op.Name
		}
		seen[kind] = true
		seen["pieces"] = seen["pieces"] || s.Cuts[0].Pieces > 1
		seen["one piece"] = seen["one piece"] || s.Cuts[0].Pieces == 1
	}
	for _, kind := range []string{"loop", "conv2d", "winograd", "matmul", "pieces", "one piece"} {
		if !seen[kind] {
			t.Errorf("no variance is of kind %s: %v", kind, seen)
		}
	}
}

// compareVariances compares the running variances in a memory.
func compareVariances(
	t *testing.T, what string, m memory, p *plan.Program, g *ir.Graph, want map[string]ir.Tensor,
) {
	t.Helper()
	for _, update := range g.Updates {
		name, found := strings.CutSuffix(update.Target.Name, ".running_var")
		if !found {
			continue
		}
		means := want[updateOf(g, name+".running_mean").Name].Data
		got := m[plan.States][plan.Floats(bufferOf(p, update.Target.Name).Offset):]
		worst := 0.0
		for i, v := range want[update.Value.Name].Data {
			if distance := math.Abs(means[i]) / math.Sqrt(v); distance < 60 {
				t.Errorf("%s: mean %d of %s is only %.0f deviations", what, i, name, distance)
			}
			off := math.Abs(float64(got[i])/v - 1)
			if !(off <= 1e-4) {
				t.Errorf("%s: variance %d of %s is %v, want %v", what, i, name, got[i], v)
			}
			worst = max(worst, off)
		}
		t.Logf("%s: the variances of %s are off by %.1e", what, name, worst)
	}
}

func updateOf(g *ir.Graph, target string) *ir.Value {
	for _, u := range g.Updates {
		if u.Target.Name == target {
			return u.Value
		}
	}
	return nil
}

func bufferOf(p *plan.Program, name string) *plan.Buffer {
	i := slices.IndexFunc(p.Buffers, func(b *plan.Buffer) bool {
		return b.Space == plan.States && b.Name == name
	})
	return p.Buffers[i]
}

// TestVariances takes variances of numbers far from 0 along all sets of axes of shapes, cut as the
// schedule does it and at random.
func TestVariances(t *testing.T) {
	u := newUses(23)
	for _, shape := range []ir.Shape{{4, 35, 5, 3}, {50, 70}, {40000}, {600, 70}, {19, 20, 12, 12}} {
		x := u.source(u.builder.Unique("x"), "param", shape, u.rand, far)
		for set := 1; set < 1<<len(shape); set++ {
			var axes []int
			for axis := range shape {
				if set>>axis&1 != 0 {
					axes = append(axes, axis)
				}
			}
			y := u.builder.Reduce(u.builder.Unique("var"), shape, "var", axes, scalar.X(0), x)
			u.graph.Outputs = append(u.graph.Outputs, ir.Output{Name: y.Name, Value: y})
		}
	}
	r := rand.New(rand.NewPCG(24, 25))
	u.test(t, func(s *plan.Step) {
		if r.IntN(2) == 0 {
			cut(r, s)
		}
	})
}
