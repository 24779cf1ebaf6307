package gradfuzz_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gradc/gradc/compiler"
	"github.com/gradc/gradc/compiler/interp"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/pass"
	"github.com/gradc/gradc/internal/fuzznet"
	"github.com/gradc/gradc/runtime/philox"
)

// faulty is a network with a fault.
type faulty struct {
	fault, seed int
	subject
}

// TestFaultsAreFound puts faults into random networks and wants the emitted test of the gradients to
// report each. The variable FAULT_NETWORKS of the environment says in how many networks each.
func TestFaultsAreFound(t *testing.T) {
	count, list := number(t, "FAULT_NETWORKS", 1), faults()
	cases := faultyNetworks(t, list, count)
	found, tried := make([]int, len(list)), make([]int, len(list))
	for part := range slices.Chunk(cases, together) {
		var subjects []subject
		for _, c := range part {
			subjects = append(subjects, c.subject)
		}
		for i, o := range runTests(t, "Gradients", subjects) {
			c := part[i]
			tried[c.fault]++
			if o.failed {
				found[c.fault]++
				continue
			}
			t.Errorf("seed %d: %s, %s, is not reported\n%s\n%s", c.seed, list[c.fault].op,
				list[c.fault].name, o.text, ir.Format(c.result.Model))
		}
	}
	table := &strings.Builder{}
	for i, f := range list {
		fmt.Fprintf(table, "%-16s %-34s found in %d of %d\n", f.op, f.name, found[i], tried[i])
		if tried[i] < count {
			t.Errorf("%s, %s: in %d networks, want %d", f.op, f.name, tried[i], count)
		}
	}
	t.Logf("\n%s", table)
}

// faultyNetworks draws small networks until each fault is in as many as asked for, or in as many as
// there are among the first thousands.
func faultyNetworks(t *testing.T, list []fault, count int) (cases []faulty) {
	t.Helper()
	const first, most = 100001, 4000
	drawn := make([]int, len(list))
	for seed := first; seed < first+most && slices.Min(drawn) < count; seed++ {
		ops := operations(t, seed)
		var right *compiler.Result
		for i := range list {
			if drawn[i] >= count || !ops[list[i].op] && list[i].grad != nil || len(ops) == 0 {
				continue
			}
			if right == nil {
				right = compile(t, seed, op.All())
			}
			if r := withFault(t, seed, &list[i], right); r != nil {
				cases = append(cases, faulty{i, seed, subject{r}})
				drawn[i]++
			}
		}
	}
	return cases
}

// operations returns those of the network of a seed, or none if it is large.
func operations(t *testing.T, seed int) map[string]bool {
	t.Helper()
	const large = 20000 // elements of all values
	g, err := fuzznet.Draw(uint64(seed)).Graph()
	must(t, err)
	must(t, pass.LowerPlain(g, ir.Train))
	found, elements := map[string]bool{}, 0
	for _, v := range g.Values {
		found[v.Op.Name] = true
		elements += v.Type.Shape.Elements()
	}
	if elements > large {
		return nil
	}
	model, err := fuzznet.Draw(uint64(seed)).Graph()
	must(t, err)
	for _, v := range model.Values {
		found[v.Op.Name] = true
	}
	return found
}

// withFault compiles the network of a seed with a fault, or returns nil if it makes no difference.
func withFault(t *testing.T, seed int, f *fault, right *compiler.Result) *compiler.Result {
	t.Helper()
	if f.plan != nil {
		wrong := compile(t, seed, op.All())
		if !f.plan(wrong.Plan) {
			return nil
		}
		return wrong
	}
	wrong := compile(t, seed, f.seed(op.All()))
	if !differ(t, right, wrong) {
		return nil
	}
	return wrong
}

// differ reports whether a parameter's gradient, computed exactly for random parameters, is another
// by more than 1 % of its size, and stands out of the rounding of float32. Networks whose loss jumps
// are not for small faults: there, half of the size it has to be.
func differ(t *testing.T, right, wrong *compiler.Result) bool {
	t.Helper()
	env := interp.Env{Sources: map[string]ir.Tensor{}, Rand: func(site, element int) float64 {
		return float64(philox.Uniform(1, uint32(site), 0, uint64(element)))
	}}
	r := rand.New(rand.NewPCG(1, 2))
	for _, v := range right.Model.Values {
		if v.Op.Kind == ir.Source {
			env.Sources[v.Name] = content(r, right, v)
		}
	}
	least := 0.01
	for _, v := range right.Model.Values {
		if v.Op.Name == "softplus" && v.Attrs.Float("threshold") < 10 {
			least = 0.5
		}
	}
	want, got := gradients(t, right, env), gradients(t, wrong, env)
	for name, g := range want {
		off, size, moved := 0.0, 0.0, 0.0
		for i, v := range g.Data {
			off = math.Hypot(off, got[name].Data[i]-v)
			size = math.Hypot(size, v)
			moved = math.Hypot(moved, env.Sources[name].Data[i])
		}
		if off > least*size && off*moved > 1e-4 {
			return true
		}
	}
	return false
}

// content draws what a source holds.
func content(r *rand.Rand, c *compiler.Result, v *ir.Value) ir.Tensor {
	x := ir.NewTensor(v.Type.Shape)
	deviation, mean := 1.0, 0.0
	switch v.Op.Name {
	case "param":
		deviation = 0.2
		if len(x.Shape) > 1 {
			deviation = math.Sqrt(2 / float64(x.Shape[1:].Elements()))
		} else if v.Attrs.Str("init") == "ones" {
			mean = 1
		}
	case "state":
		deviation, mean = 0, v.Attrs.Float("init")
	}
	for i := range x.Data {
		x.Data[i] = mean + deviation*r.NormFloat64()
		if v.Op.Name == "labels" {
			x.Data[i] = float64(r.IntN(c.Plan.Classes))
		}
	}
	return x
}

// gradients computes those of the parameters, in float64.
func gradients(t *testing.T, c *compiler.Result, env interp.Env) map[string]ir.Tensor {
	t.Helper()
	g := c.Grad.Clone()
	must(t, pass.Lower(g, ir.Train))
	values, err := interp.Run(g, env)
	must(t, err)
	found := map[string]ir.Tensor{}
	for _, a := range g.Gradients {
		found[a.Target.Name] = values[a.Value.Name]
	}
	return found
}
