package compiler_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gradc/gradc/compiler"
	"github.com/gradc/gradc/compiler/interp"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/planexec"
	"github.com/gradc/gradc/compiler/target"
	"github.com/gradc/gradc/internal/fuzznet"
)

// This file has a target that is like no processor: channels lie innermost, what layers pass on to
// each other is stored in half precision, buffers begin at multiples of 192 bytes, tasks are cut in
// other ways and get memory of their own. All passes and checks must get along with it, since they
// know targets by their values alone.

const (
	nhwc ir.Order = "nhwc"    // images
	ohwi ir.Order = "ohwi"    // weights, as the images that they meet
	ihwo ir.Order = "ihwo12o" // weights of the gradient, in blocks of no power of two
)

// half is images in half precision.
func half(halo ...int) ir.Layout {
	l := ir.Layout{Order: nhwc, Storage: ir.F16}
	copy(l.Halo[:], halo)
	return l
}

func toy() *target.Target {
	return &target.Target{
		Name: "toy", Orders: []ir.Order{nhwc, ohwi, ihwo}, Alignment: 192,
		Costs: target.Costs{AddsPerFloat: 2, FloatsPerStep: 64, MostOuts: 3, MostNodes: 60, SmallLoop: 100,
			MuchKept: 1 << 14, RecomputePart: 4, TaskFlops: 1 << 12, TaskElements: 1 << 9,
			MostTasks: 30, FoldPieces: 5, TileTasks: 6, TileSide: 8, MostTileSide: 24},
		Kernels: map[string]target.Kernel{
			"conv2d": {
				Layouts: func(u target.Use) ([]ir.Layout, ir.Layout) {
					return []ir.Layout{half(u.Attrs.Ints("pad")...), {Order: ohwi, Storage: ir.F16}}, half()
				},
				Grid: func(target.Use) target.Grid {
					return target.Grid{Least: [2]int{2, 10}, Unit: [2]int{1, 5}}
				},
				Workspace: func(_ target.Use, piece [2]int) int { return 6 * piece[0] * piece[1] },
			},
			"conv2d_dx": {
				Layouts: func(target.Use) ([]ir.Layout, ir.Layout) {
					return []ir.Layout{half(1, 2), {Order: ihwo, Storage: ir.BF16}}, half()
				},
			},
			"conv2d_dw": {
				Layouts: func(u target.Use) ([]ir.Layout, ir.Layout) {
					return []ir.Layout{half(u.Attrs.Ints("pad")...), half()}, ir.Layout{Order: ohwi}
				},
				Grid: func(u target.Use) target.Grid {
					return target.Grid{Unit: [2]int{4, 2}, Split: min(3, u.Args[0].Shape[0])}
				},
			},
			"matmul": {
				Layouts: func(target.Use) ([]ir.Layout, ir.Layout) {
					return []ir.Layout{{Storage: ir.F16}, {Storage: ir.F16}}, ir.Layout{}
				},
			},
			"max_pool2d":    {Layouts: images},
			"max_pool2d_dx": {Layouts: images},
			"avg_pool2d":    {Layouts: images},
			"avg_pool2d_dx": {Layouts: images},
		},
	}
}

// images has all arguments and the result be images.
func images(u target.Use) ([]ir.Layout, ir.Layout) {
	return slices.Repeat([]ir.Layout{half()}, len(u.Args)), half()
}

// TestToyExamples compiles the examples for the toy as they are, and runs them with few images.
func TestToyExamples(t *testing.T) {
	paths, err := filepath.Glob("../examples/testdata/*.ir")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no example networks: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			g, err := ir.Parse(string(text), op.All())
			if err != nil {
				t.Fatal(err)
			}
			toyPlan(t, g)
			r := toyPlan(t, withBatch(t, g, 2))
			env := toyContents(r.Train)
			if off := compareHalf(t, r, toyWant(t, r, env), env); off != "" {
				t.Error(off)
			}
		})
	}
}

// TestToyNetworks runs random networks: layers, losses and sizes of all kinds. Of some, all but the
// rounding cancels, as where a mean is taken of what a batch norm has made 0 on average; one in
// twenty may be such.
func TestToyNetworks(t *testing.T) {
	const networks = 100
	var cancel []string
	for seed := range uint64(networks) {
		n := fuzznet.Draw(seed)
		g, err := n.Graph()
		if err != nil {
			t.Fatal(err)
		}
		off := compareToy(t, g)
		if t.Failed() {
			t.Fatalf("seed %d:\n%s\n%s", seed, n, ir.Format(g))
		}
		if off != "" {
			cancel = append(cancel, fmt.Sprintf("seed %d: %s", seed, off))
		}
	}
	if len(cancel) > networks/20 {
		t.Errorf("%d of %d networks are off:\n%s", len(cancel), networks,
			strings.Join(cancel, "\n"))
	}
}

// toyPlan compiles a network, by which its plan is checked, and sees to it that it is one for the
// toy: in half precision where that is wanted, aligned, and in single precision where parameters are
// concerned.
func toyPlan(t *testing.T, g *ir.Graph) *compiler.Result {
	t.Helper()
	r, err := compiler.Compile(g, toy())
	if err != nil {
		t.Fatal(err)
	}
	stored := map[ir.DType]int{}
	for _, s := range slices.Concat(r.Plan.Train, r.Plan.Update, r.Plan.Infer) {
		for _, o := range append(s.Reads(), s.Writes()...) {
			stored[o.Type.Stored()]++
			if o.Buffer.Space == plan.Arena && o.Buffer.Offset%192 != 0 {
				t.Errorf("%s lies at %d", o.Name, o.Buffer.Offset)
			}
			if o.Buffer.Space != plan.Arena && (!o.Type.Dense() || o.Type.Stored().Bytes() != 4) {
				t.Errorf("%s lies as %s in the %s", o.Name, o.Type, o.Buffer.Space)
			}
		}
	}
	if stored[ir.F16] == 0 || stored[ir.F32] == 0 {
		t.Errorf("tensors by storage: %v, some should be f16 and some f32", stored)
	}
	return r
}

// withBatch returns a model for another number of images.
func withBatch(t *testing.T, g *ir.Graph, batch int) *ir.Graph {
	t.Helper()
	g = g.Clone()
	for _, v := range g.Values {
		_, shaped := v.Attrs["shape"]
		if shaped && v.Op.Name != "param" && v.Op.Name != "state" {
			shape := slices.Clone(v.Attrs.Ints("shape"))
			shape[0] = batch
			v.Attrs["shape"] = shape
		}
		typ, err := v.Op.Shape(v.ArgTypes(), v.Attrs)
		if err != nil {
			t.Fatal(err)
		}
		v.Type = typ
	}
	g.Recipe.Batch = batch
	return g
}

// compareToy compares a step of training and evaluation of the toy with the interpreter, first with
// nothing rounded, where they must be the same, then in half precision. It returns what is off there.
func compareToy(t *testing.T, g *ir.Graph) (off string) {
	t.Helper()
	r := toyPlan(t, g)
	env := toyContents(r.Train)
	want := toyWant(t, r, env)
	for name, got := range toyRun(t, r, env, true) {
		if e := distance(want[name], got); !(e <= 1e-7) {
			t.Errorf("%s is off by %.3g, though nothing is rounded", name, e)
		}
	}
	return compareHalf(t, r, want, env)
}

// compareHalf compares what the toy computes in half precision with what it should, within what
// rounding does. That is 2^-11 of an element, but what is near the kink of an activation or near
// another's maximum may fall on the other side: of one in a thousand elements of a gradient that is a
// thirtieth of its length, in each layer. Gradients are compared as a whole: that of a bias in front
// of a batch norm is 0 but for rounding. It returns what is off further.
func compareHalf(
	t *testing.T, r *compiler.Result, want map[string][]float64, env interp.Env,
) (off string) {
	t.Helper()
	most, whole, wholeWant := 0.0, []float64{}, []float64{}
	for name, got := range toyRun(t, r, env, false) {
		e := distance(want[name], got)
		most = max(most, e)
		if strings.HasPrefix(name, "d.") {
			whole, wholeWant = append(whole, got...), append(wholeWant, want[name]...)
		} else if !(e <= 0.03) {
			off = fmt.Sprintf("%s is off by %.3g in half precision", name, e)
		}
	}
	if e := distance(wholeWant, whole); !(e <= 0.15) {
		off = fmt.Sprintf("the gradient is off by %.3g in half precision", e)
	}
	if most < 1e-6 {
		t.Errorf("all is within %.3g, as if nothing were rounded", most)
	}
	return off
}

// distance is how far got is from want, in parts of want.
func distance(want, got []float64) float64 {
	off, size := 0., 0.
	for i, w := range want {
		off += (got[i] - w) * (got[i] - w)
		size += w * w
	}
	return math.Sqrt(off) / max(math.Sqrt(size), 1e-3)
}

// toyContents draws what sources hold, such that values neither grow nor vanish from layer to layer.
func toyContents(g *ir.Graph) interp.Env {
	r := rand.New(rand.NewPCG(3, 4))
	env := interp.Env{Sources: map[string]ir.Tensor{}, Rand: uniform}
	for _, v := range g.Values {
		if v.Op.Kind != ir.Source {
			continue
		}
		x := ir.NewTensor(v.Type.Shape)
		for i := range x.Data {
			switch shape := v.Type.Shape; {
			case v.Type.DType == ir.I32:
				x.Data[i] = float64(r.IntN(g.Output("logits").Type.Shape[1]))
			case v.Op.Name == "input":
				x.Data[i] = r.NormFloat64()
			case v.Op.Name == "param" && len(shape) > 1:
				x.Data[i] = r.NormFloat64() * math.Sqrt(2*float64(shape[0])/float64(shape.Elements()))
			case v.Op.Name == "param" && v.Attrs.Str("init") == "zeros":
				x.Data[i] = r.NormFloat64() / 10
			default:
				x.Data[i] = 1 + r.NormFloat64()/10
			}
		}
		env.Sources[v.Name] = x
	}
	return env
}

// toyWant returns what the interpreter computes: outputs, gradients and running statistics.
func toyWant(t *testing.T, r *compiler.Result, env interp.Env) map[string][]float64 {
	t.Helper()
	want := map[string][]float64{}
	results := execute(t, r.Train, env)
	for _, o := range r.Train.Outputs {
		want[o.Name] = results[o.Value.Name].Data
	}
	for _, a := range r.Train.Gradients {
		want["d."+a.Target.Name] = results[a.Value.Name].Data
	}
	for _, a := range r.Train.Updates {
		want[a.Target.Name] = results[a.Value.Name].Data
	}
	results = execute(t, r.Infer, env)
	for _, o := range r.Infer.Outputs {
		want["infer "+o.Name] = results[o.Value.Name].Data
	}
	return want
}

// toyRun returns the same from the plan. Evaluation comes first: training changes the parameters.
func toyRun(t *testing.T, r *compiler.Result, env interp.Env, exact bool) map[string][]float64 {
	t.Helper()
	r.Plan.Update = nil // takes long, and has nothing to do with what layers pass on
	m := planexec.New(r.Plan)
	m.Rand, m.Exact = env.Rand, exact
	for name, source := range env.Sources {
		set(t, m, name, source.Data)
	}
	got := map[string][]float64{}
	if err := m.Infer(); err != nil {
		t.Fatal(err)
	}
	for _, o := range r.Plan.InferOutputs {
		got["infer "+o.Name] = m.Read(o.Operand).Data
	}
	if err := m.Train(); err != nil {
		t.Fatal(err)
	}
	for _, o := range r.Plan.TrainOutputs {
		got[o.Name] = m.Read(o.Operand).Data
	}
	for _, p := range r.Plan.Params {
		got["d."+p.Name] = get(t, m, "d."+p.Name)
	}
	for _, p := range r.Plan.States {
		got[p.Name] = get(t, m, p.Name)
	}
	return got
}
