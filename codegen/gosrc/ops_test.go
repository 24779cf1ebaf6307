package gosrc_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/sys/cpu"

	"github.com/gradc/gradc/codegen/goasm"
	"github.com/gradc/gradc/codegen/gosrc"
	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/interp"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/pass"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/target"
	cputarget "github.com/gradc/gradc/compiler/target/cpu"
	"github.com/gradc/gradc/runtime/philox"
)

// TestOperations runs random uses of every operation, all in one emitted program, and compares
// their results with the interpreter, in Go and in assembly. Once the tasks are as the schedule
// cuts them, once the domains are cut at random.
func TestOperations(t *testing.T) {
	t.Run("scheduled", func(t *testing.T) {
		testOperations(t, 1, func(*plan.Step) {})
	})
	t.Run("cut at random", func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		testOperations(t, 2, func(s *plan.Step) { cut(r, s) })
	})
}

func testOperations(t *testing.T, start uint64, change func(*plan.Step)) {
	u := newUses(start)
	table := op.All()
	for _, name := range slices.Sorted(maps.Keys(table)) {
		for range 20 {
			if row := table[name]; row.Sample != nil {
				u.add(t, name, row.Sample(u.rand))
			}
		}
	}
	for i := range 4 {
		u.add(t, "matmul", longProduct(i%2 == 1, i/2 == 1))
	}
	u.test(t, change)
}

// longProduct is a product whose inner axis is cut into parts.
func longProduct(transA, transB bool) ir.Sample {
	matrix := func(rows, columns int, transposed bool) ir.SampleArg {
		if transposed {
			rows, columns = columns, rows
		}
		return ir.SampleArg{Type: ir.Float32(rows, columns), Draw: (*rand.Rand).NormFloat64}
	}
	return ir.Sample{
		Args:  []ir.SampleArg{matrix(9, 3*1100, transA), matrix(3*1100, 7, transB)},
		Attrs: ir.Attrs{"trans_a": transA, "trans_b": transB},
	}
}

// cut cuts a step's domain into random pieces.
func cut(r *rand.Rand, s *plan.Step) {
	for axis := range s.Cuts {
		folds := func(o plan.LoopOut) bool { return slices.Contains(o.Axes, 1) }
		if axis == 1 && s.Loop != nil && slices.ContainsFunc(s.Loop.Outs, folds) {
			continue
		}
		c := &s.Cuts[axis]
		if axis == 1 {
			c.Unit *= 1 + r.IntN(3)
		}
		c.Pieces = 1 + r.IntN(c.Units())
	}
	if k := s.Kernel; k != nil {
		u := target.Use{Out: k.Out.Type, Attrs: k.Attrs}
		for _, a := range k.Args {
			u.Args = append(u.Args, a.Type)
		}
		s.Workspace = cputarget.New().Workspace(k.Op, u, s.Piece())
	}
	s.Partial = nil
	if n := s.PartialSize(); n > 0 {
		s.Partial = &plan.Buffer{Name: s.Name + ".partial", Size: n, Kind: plan.Workspace}
	}
}

// uses is a graph of uses of operations that have nothing to do with each other.
type uses struct {
	graph   *ir.Graph
	builder *ir.Builder
	sources map[string]ir.Tensor
	rand    *rand.Rand
}

func newUses(start uint64) *uses {
	g := &ir.Graph{Name: "uses", Ops: op.All(), Recipe: ir.Recipe{Batch: 1}}
	u := &uses{graph: g, builder: ir.NewBuilder(g), sources: map[string]ir.Tensor{},
		rand: rand.New(rand.NewPCG(start, 2))}
	u.source("images", "input", ir.Shape{1, 1, 1, 1}, rand.New(rand.NewPCG(5, 6)),
		(*rand.Rand).Float64)
	return u
}

// source adds a source with random contents, which are numbers of float32.
func (u *uses) source(
	name, kind string, shape ir.Shape, r *rand.Rand, draw func(*rand.Rand) float64,
) *ir.Value {
	attrs := ir.Attrs{"shape": []int(shape)}
	if kind == "param" {
		attrs["init"], attrs["fan_in"], attrs["fan_out"], attrs["gain"] = "zeros", 1, 1, 1.0
	}
	data := ir.NewTensor(shape)
	for i := range data.Data {
		data.Data[i] = float64(float32(draw(r)))
	}
	u.sources[name] = data
	return u.builder.Apply(name, kind, nil, attrs)
}

// add adds a use of an operation.
func (u *uses) add(t *testing.T, name string, s ir.Sample) {
	t.Helper()
	use := u.builder.Unique(name)
	var args []*ir.Value
	for i, a := range s.Args {
		kind := "param"
		if a.Type.DType == ir.I32 {
			kind = "labels"
		}
		args = append(args, u.source(fmt.Sprintf("%s.x%d", use, i), kind, a.Type.Shape, u.rand,
			a.Draw))
	}
	y, err := u.builder.Add(use, name, args, s.Attrs)
	if err != nil {
		t.Fatalf("%s of %v %v: %v", name, s.Args, s.Attrs, err)
	}
	u.graph.Outputs = append(u.graph.Outputs, ir.Output{Name: use, Value: y})
}

// test compiles the graph, runs it and compares its outputs and updates with the interpreter.
func (u *uses) test(t *testing.T, change func(*plan.Step)) {
	t.Helper()
	g := u.graph
	must(t, pass.Lower(g, ir.Train))
	want, err := interp.Run(g, interp.Env{Sources: u.sources, Rand: func(site, element int) float64 {
		return float64(philox.Uniform(seed, uint32(site), 0, uint64(element)))
	}})
	must(t, err)
	p := u.scheduled(t)
	for _, s := range p.Train {
		change(s)
	}
	pass.Memory(p)
	must(t, pass.Nest(p))
	must(t, plan.Check(p))
	program := assembled(t, p, g)
	for level, has := range levels() {
		if !has {
			continue
		}
		t.Setenv("GRADC_CPU", level)
		m := run(t, program, p, u.sources)
		for i, o := range p.TrainOutputs {
			compareWithin(t, level+": "+o.Name, m, o.Operand, want[g.Outputs[i].Value.Name], 2e-5)
		}
	}
}

// scheduled returns the steps of the graph, which is lowered.
func (u *uses) scheduled(t *testing.T) *plan.Program {
	t.Helper()
	must(t, pass.Simplify(u.graph))
	must(t, pass.Fuse(u.graph, cputarget.New()))
	must(t, pass.Layout(u.graph, cputarget.New()))
	p, err := pass.Schedule(cputarget.New(), u.graph, nil, nil)
	must(t, err)
	return p
}

// assembled builds a program with all the assembly there is for it.
func assembled(t *testing.T, p *plan.Program, model *ir.Graph) string {
	t.Helper()
	twins := &goasm.Twins{}
	files, err := host.Files(host.Network{Plan: p, Model: model}, gosrc.Kernels(twins))
	must(t, err)
	assembly, err := twins.Files("main")
	must(t, err)
	maps.Copy(files, assembly)
	return build(t, p, files)
}

// levels are the values of GRADC_CPU, and whether this processor can do what they ask for.
func levels() map[string]bool {
	return map[string]bool{"go": true, "avx2": cpu.X86.HasAVX2 && cpu.X86.HasFMA,
		"avx512": cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512BW &&
			cpu.X86.HasAVX512VL}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
