package compiler_test

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gradc/gradc/compiler"
	"github.com/gradc/gradc/compiler/interp"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/pass"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/planexec"
	"github.com/gradc/gradc/internal/golden"
)

// TestPlanOfTheModel and TestPlansOfRandomNetworks run plans on their own memory and compare what
// they yield with the interpreter: two steps of training, then evaluation.
func TestPlanOfTheModel(t *testing.T) {
	comparePlan(t, model(t), asItIs)
	comparePlan(t, model(t), cutFinely)
}

func TestPlansOfRandomNetworks(t *testing.T) {
	for seed := range uint64(25) {
		g := randomNetwork(rand.New(rand.NewPCG(seed, 1)), 6)
		if seed%2 == 0 {
			comparePlan(t, g, asItIs)
		} else {
			comparePlan(t, g, cutFinely)
		}
		if t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, ir.Format(g))
		}
	}
}

func asItIs(*plan.Program) error { return nil }

// cutFinely cuts all steps into as many pieces as they have, as if they were large.
func cutFinely(p *plan.Program) error {
	for i, s := range slices.Concat(p.Train, p.Update, p.Infer) {
		for axis := range s.Cuts {
			along := func(o plan.LoopOut) bool { return slices.Contains(o.Axes, 1) }
			if axis == 0 || s.Loop == nil || !slices.ContainsFunc(s.Loop.Outs, along) {
				s.Cuts[axis].Pieces = s.Cuts[axis].Units()
			}
		}
		if n := s.PartialSize(); n > 0 && s.Split == 1 {
			if at := slices.Index(p.Infer, s); at >= 0 {
				i = at
			}
			s.Partial = &plan.Buffer{Name: s.Name + ".partial", Offset: p.Size[plan.Arena], Size: n,
				First: i, Last: i, Infer: slices.Contains(p.Infer, s), Kind: plan.Workspace}
			p.Size[plan.Arena] += p.Aligned(n)
			p.Buffers = append(p.Buffers, s.Partial)
		}
	}
	return pass.Nest(p)
}

func comparePlan(t *testing.T, g *ir.Graph, prepare func(*plan.Program) error) {
	t.Helper()
	r := compile(t, g)
	if err := prepare(r.Plan); err != nil {
		t.Fatal(err)
	}
	var first *planexec.Machine
	for name, order := range orders {
		m := planexec.New(r.Plan)
		m.Order = order
		compareMachine(t, r, m)
		if first == nil {
			first = m
		}
		for _, b := range r.Plan.Buffers {
			if b.Space != plan.Arena && !slices.Equal(bits(get(t, first, b.Name)), bits(get(t, m, b.Name))) {
				t.Errorf("%s: tasks in %s order yield other numbers", b.Name, name)
			}
		}
	}
}

// orders are those that the tasks of a step run in; all must yield the same, to the bit.
var orders = map[string]func(tasks int) []int{
	"ascending": func(tasks int) []int {
		order := make([]int, tasks)
		for i := range order {
			order[i] = i
		}
		return order
	},
	"descending": func(tasks int) []int {
		order := make([]int, tasks)
		for i := range order {
			order[i] = tasks - 1 - i
		}
		return order
	},
	"shuffled": rand.New(rand.NewPCG(1, 2)).Perm,
}

func bits(numbers []float64) []uint64 {
	list := make([]uint64, len(numbers))
	for i, x := range numbers {
		list[i] = math.Float64bits(x)
	}
	return list
}

// compareMachine runs a plan in the order of m and compares what it yields with the interpreter.
func compareMachine(t *testing.T, r *compiler.Result, m *planexec.Machine) {
	t.Helper()
	m.Rand = uniform
	env := contents(r.Train)
	for _, v := range r.Update.Values {
		if v.Op.Kind == ir.Source && v.Op.Name != "block" {
			env.Sources[v.Name] = contents(r.Update).Sources[v.Name]
		}
	}
	for name, source := range env.Sources {
		set(t, m, name, source.Data)
	}
	for _, name := range r.Plan.Moments {
		set(t, m, name, make([]float64, plan.Floats(r.Plan.Size[plan.Params])))
	}
	for range 2 {
		compareStep(t, r, m, env)
	}
	if err := m.Infer(); err != nil {
		t.Fatal(err)
	}
	want := execute(t, r.Infer, env)
	for i, o := range r.Plan.InferOutputs {
		same(t, "infer "+o.Name, want[r.Infer.Outputs[i].Value.Name], m.Read(o.Operand))
	}
}

// compareStep runs one step of training on both sides, and leaves the new parameters, statistics
// and moments in env.
func compareStep(t *testing.T, r *compiler.Result, m *planexec.Machine, env interp.Env) {
	t.Helper()
	want := execute(t, r.Train, env)
	blocks := interp.Env{Sources: map[string]ir.Tensor{}}
	for name, source := range env.Sources {
		blocks.Sources[name] = source
	}
	for _, v := range r.Update.Sources("block") {
		blocks.Sources[v.Name] = ir.Tensor{Shape: v.Type.Shape, Data: get(t, m, v.Name)}
	}
	if err := m.Train(); err != nil {
		t.Fatal(err)
	}
	// The machine's own gradients, as Adam makes much of the rounding of small ones.
	grads := get(t, m, "grads")
	blocks.Sources["grads"] = ir.Tensor{Shape: ir.Shape{len(grads)}, Data: grads}
	updated := execute(t, r.Update, blocks)
	for i, o := range r.Plan.TrainOutputs {
		same(t, o.Name, want[r.Train.Outputs[i].Value.Name], m.Read(o.Operand))
	}
	for _, a := range r.Train.Gradients {
		same(t, "gradient "+a.Target.Name, want[a.Value.Name], read(t, m, a, "d."))
	}
	for _, a := range r.Train.Updates {
		same(t, "state "+a.Target.Name, want[a.Value.Name], read(t, m, a, ""))
		env.Sources[a.Target.Name] = want[a.Value.Name]
	}
	for _, a := range r.Update.Updates {
		same(t, "block "+a.Target.Name, updated[a.Value.Name], read(t, m, a, ""))
	}
	for _, p := range r.Plan.Params {
		env.Sources[p.Name] = ir.Tensor{Shape: p.Source.Type.Shape, Data: get(t, m, p.Name)}
	}
}

func set(t *testing.T, m *planexec.Machine, name string, data []float64) {
	t.Helper()
	if err := m.Set(name, data); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, m *planexec.Machine, name string) []float64 {
	t.Helper()
	data, err := m.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// read returns what the machine has stored for an assignment.
func read(t *testing.T, m *planexec.Machine, a ir.Assign, prefix string) ir.Tensor {
	t.Helper()
	return ir.Tensor{Shape: a.Target.Type.Shape, Data: get(t, m, prefix+a.Target.Name)}
}

// TestPlanIsDeterministic compiles networks again and again.
func TestPlanIsDeterministic(t *testing.T) {
	for seed := range uint64(5) {
		text := func() string {
			p := compile(t, randomNetwork(rand.New(rand.NewPCG(seed, 2)), 8)).Plan
			return plan.FormatSteps(p) + plan.FormatMemory(p)
		}
		first := text()
		for range 4 {
			if diff := cmp.Diff(first, text()); diff != "" {
				t.Fatalf("two compilations differ (-first +second):\n%s", diff)
			}
		}
	}
}

const planFile = "testdata/residual_plan.txtar"

// TestPlanGolden compares the plan of the golden file's model, which reviewers read.
func TestPlanGolden(t *testing.T) {
	p := compile(t, model(t)).Plan
	got := &txtar.Archive{Comment: []byte("The plan of residual.txtar's model.\n"),
		Files: []txtar.File{{Name: "plan", Data: []byte(plan.FormatSteps(p))},
			{Name: "memory", Data: []byte(plan.FormatMemory(p))}}}
	golden.Archive(t, planFile, got)
}

// TestArenaIsDense holds the arena of the example networks to what is alive at the peak.
func TestArenaIsDense(t *testing.T) {
	const most = 1.03
	paths, err := filepath.Glob("../examples/testdata/*.ir")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no example networks: %v", err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		g, err := ir.Parse(string(text), op.All())
		if err != nil {
			t.Fatal(err)
		}
		p := compile(t, g).Plan
		for _, infer := range []bool{false, true} {
			_, alive := p.Peak(infer)
			if size := p.ArenaSize(infer); float64(size) > most*float64(alive) {
				t.Errorf("%s: the arena has %d bytes, of which %d are alive at most", path, size, alive)
			}
		}
	}
}
