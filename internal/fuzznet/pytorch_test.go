package fuzznet

import (
	"bufio"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/internal/fuzznet/subject"
)

const vectors = "testdata/pytorch"

// How near numbers must be to PyTorch's, relative to the norm of their tensor: those of the
// interpreter, which is in float64 as well, and those of trainers behind three steps.
const (
	nearExact  = 1e-9
	nearSingle = 1e-3
)

// heavy are networks that are too much work for the interpreter. In deep ones, on few images, some
// activation is so near its bend that float32 takes it to the other side. The next step makes much
// of that in the gradients, which are left out there.
var (
	heavy = []string{"cifar-cnn", "cifar-net", "cifar-resnet", "mnist-cnn"}
	deep  = []string{"cifar-net", "cifar-resnet"}
)

const nearDeep = 3e-2

// TestPyTorch compares three training steps of the examples and of ten other networks with those of
// PyTorch, in the interpreter and in emitted trainers. make_vectors.py says what is compared.
func TestPyTorch(t *testing.T) {
	list, err := Kept(vectors)
	must(t, err)
	paths, err := filepath.Glob(filepath.Join(vectors, "*.json"))
	must(t, err)
	if len(list) < 15 {
		t.Fatalf("there are %d networks", len(list))
	}
	run := runner(t)
	program, failures, err := run.build(t.TempDir(), list)
	must(t, err)
	report(t, failures)
	levels, err := Levels()
	must(t, err)
	for i, c := range program.networks {
		name := strings.TrimSuffix(filepath.Base(paths[i]), ".json")
		t.Run(name, func(t *testing.T) {
			want := readVectors(t, name)
			k := &checker{compiled: c, run: counted(c)}
			if !slices.Contains(heavy, name) {
				comparePyTorch(t, want, k.exact(t), nearExact)
			}
			near := nearSingle
			if slices.Contains(deep, name) {
				near = nearDeep
				maps.DeleteFunc(want, func(name string, _ print) bool {
					return strings.Contains(name, "gradient") && name[0] != '0'
				})
			}
			for _, l := range levels {
				p := &process{path: program.path, level: l}
				defer p.close()
				r, err := p.call(k.run)
				must(t, err)
				if r.Fault != "" {
					t.Fatalf("%s: %s", l, r.Fault)
				}
				comparePyTorch(t, want, k.lines(&r), near)
			}
		})
	}
}

// print is a tensor's product with random numbers, and its norm.
type print struct{ product, norm float64 }

func readVectors(t *testing.T, name string) map[string]print {
	t.Helper()
	f, err := os.Open(filepath.Join(vectors, name+".txt"))
	must(t, err)
	defer f.Close()
	list := map[string]print{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		text := lines.Text()
		var step, i int
		var what string
		var p print
		if _, err := fmt.Sscanf(text, "%d loss %g", &step, &p.product); err == nil {
			p.norm = math.Abs(p.product)
			list[fmt.Sprint(step, " loss")] = p
		} else if _, err := fmt.Sscanf(text, "%d %s %d %g %g", &step, &what, &i, &p.product,
			&p.norm); err == nil {
			list[fmt.Sprint(step, " ", what, " ", i)] = p
		} else if !strings.HasPrefix(text, "//") {
			t.Fatalf("%s: %q", f.Name(), text)
		}
	}
	return list
}

func comparePyTorch(t *testing.T, want, got map[string]print, near float64) {
	t.Helper()
	if len(got) < len(want) || len(want) < 10 {
		t.Errorf("%d tensors, want %d", len(got), len(want))
	}
	for name, w := range want {
		g, within := got[name], near*w.norm+near*5e-3
		if !(math.Abs(g.product-w.product) <= within && math.Abs(g.norm-w.norm) <= within) {
			t.Errorf("%s is %.10g, norm %.10g; PyTorch has %.10g, norm %.10g", name, g.product,
				g.norm, w.product, w.norm)
		}
	}
}

// number is what numbers of make_vectors.py draws.
func number(stream, i int) float64 {
	z := (uint64(i) + uint64(stream)<<32 + 1) * 0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	z ^= z >> 31
	return float64(z>>40) / (1 << 24)
}

// counted returns the data and parameters that PyTorch had.
func counted(c *compiled) *subject.Case {
	run := c.draw()
	run.Threads = []int{2}
	for i := range run.Steps {
		s := &run.Steps[i]
		for e := range s.Images {
			s.Images[e] = float32(4*number(2*i, e) - 2)
		}
		for e := range s.Labels {
			s.Labels[e] = int32(number(2*i+1, e) * float64(c.result.Plan.Classes))
		}
	}
	first := &run.Steps[0]
	for i, p := range c.result.Plan.Params {
		around, bound := 0.0, 0.125
		if shape := p.Source.Type.Shape; len(shape) > 1 {
			fan := float64(shape[1:].Elements())
			bound = math.Exp2(math.Floor(math.Log2(math.Sqrt(6 / fan))))
		} else if strings.HasSuffix(p.Name, ".weight") {
			around = 1
		}
		for e := range part(first.Params, p) {
			part(first.Params, p)[e] = float32(around + bound*(2*number(100+i, e)-1))
		}
	}
	for _, p := range c.result.Plan.States {
		for e := range part(first.States, p) {
			part(first.States, p)[e] = float32(p.Source.Attrs["init"].(float64))
		}
	}
	return run
}

// printOf returns the print of a tensor.
func printOf[N float32 | float64](data []N) print {
	var p print
	for i, v := range data {
		p.product += (number(1000, i) - 0.5) * float64(v)
		p.norm += float64(v) * float64(v)
	}
	p.norm = math.Sqrt(p.norm)
	return p
}

// lines returns the prints of what an emitted trainer did.
func (k *checker) lines(r *subject.Result) map[string]print {
	list := map[string]print{}
	for s := range r.Steps {
		step := &r.Steps[s]
		list[fmt.Sprint(s, " loss")] = print{float64(step.Loss), math.Abs(float64(step.Loss))}
		for i, p := range k.result.Plan.Params {
			list[fmt.Sprint(s, " gradient ", i)] = printOf(part(step.Grads, p))
			list[fmt.Sprint(s, " param ", i)] = printOf(part(step.Params, p))
		}
		for i, p := range k.result.Plan.States {
			list[fmt.Sprint(s, " state ", i)] = printOf(part(step.States, p))
		}
	}
	return list
}

// exact trains with the interpreter and returns the prints of that.
func (k *checker) exact(t *testing.T) map[string]print {
	t.Helper()
	list := map[string]print{}
	sources := k.env(0).Sources
	moments := make([][]float64, len(k.result.Plan.Moments))
	for i := range moments {
		moments[i] = make([]float64, plan.Floats(k.result.Plan.Size[plan.Params]))
	}
	for s := range steps {
		env := k.env(0)
		env.Rand = random(k.Seed, s)
		for _, name := range []string{"images", "labels"} {
			sources[name] = ir.NewTensor(sources[name].Shape)
		}
		for i, v := range k.run.Steps[s].Images {
			sources["images"].Data[i] = float64(v)
		}
		for i, v := range k.run.Steps[s].Labels {
			sources["labels"].Data[i] = float64(v)
		}
		env.Sources = sources
		out, err := k.compiled.step(env)
		must(t, err)
		list[fmt.Sprint(s, " loss")] = print{out["loss"][0], math.Abs(out["loss"][0])}
		rate := float64(float32(k.Optimizer.Rate * k.Schedule.factor(s, steps)))
		for i, p := range k.result.Plan.Params {
			g := out["d."+p.Name]
			list[fmt.Sprint(s, " gradient ", i)] = printOf(g)
			k.move(sources[p.Name].Data, g, moments, plan.Floats(p.Buffer.Offset), s, rate)
			list[fmt.Sprint(s, " param ", i)] = printOf(sources[p.Name].Data)
		}
		for i, p := range k.result.Plan.States {
			copy(sources[p.Name].Data, out[p.Name])
			list[fmt.Sprint(s, " state ", i)] = printOf(out[p.Name])
		}
	}
	return list
}

// move updates a parameter w, whose moments lie at some offset, by its gradient.
func (k *checker) move(w, g []float64, moments [][]float64, offset, step int, rate float64) {
	for e := range w {
		s := state{w: w[e], g: g[e], m: moments[0][offset+e]}
		if len(moments) > 1 {
			s.v = moments[1][offset+e]
		}
		next, m := k.Optimizer.update(step, rate)(s)
		w[e] = next.value
		for i, b := range m {
			moments[i][offset+e] = b.value
		}
	}
}
