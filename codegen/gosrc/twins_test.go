package gosrc_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradc/gradc/codegen/goasm"
	"github.com/gradc/gradc/codegen/gosrc"
	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/target/cpu"
)

// loopTwins gives twins to all elementwise loops that there are any for, and to nothing else.
type loopTwins struct {
	goasm.Twins
	count int
}

func (l *loopTwins) Twin(string, string, *plan.Step, ir.Type) (string, bool) { return "", false }

func (l *loopTwins) Loop(name string, f plan.Function, params []string) (string, bool) {
	f.Elements = math.MaxInt
	twins, ok := l.Twins.Loop(name, f, params)
	if ok {
		l.count++
	}
	return twins, ok
}

// TestLoopTwins runs one training step of random networks, with elementwise loops in Go and in
// assembly, and wants the same bits everywhere in memory.
func TestLoopTwins(t *testing.T) {
	count := 0
	for i := range 4 {
		r := rand.New(rand.NewPCG(uint64(i), 11))
		n := newNetwork(r)
		for k := range 4 {
			n.layer(k)
		}
		n.head()
		c, err := compiler.Compile(n.graph, cpu.New())
		must(t, err)
		twins := &loopTwins{}
		files, err := host.Files(host.Network{Plan: c.Plan, Model: c.Model}, gosrc.Kernels(twins))
		must(t, err)
		assembly, err := twins.Files("main")
		must(t, err)
		maps.Copy(files, assembly)
		program := build(t, c.Plan, files)
		t.Setenv("GRADC_CPU", "go")
		want := run(t, program, c.Plan, n.sources)
		for level, has := range levels() {
			if has {
				t.Setenv("GRADC_CPU", level)
				same(t, fmt.Sprintf("network %d, %s", i, level), c.Plan,
					run(t, program, c.Plan, n.sources), want)
			}
		}
		count += twins.count
	}
	if count < 100 {
		t.Errorf("only %d loops had twins", count)
	}
}

// same reports the first buffer of each space that differs, but for lanes that there are not.
func same(t *testing.T, what string, p *plan.Program, got, want memory) {
	t.Helper()
	free := padding(p)
	for space, block := range want {
		for at, w := range block {
			g := got[space][at]
			if math.Float32bits(g) == math.Float32bits(w) || g != g && w != w ||
				space == plan.Arena && free[at] {
				continue
			}
			for _, b := range p.Buffers {
				from := plan.Floats(b.Offset)
				if b.Space == space && from <= at && at < from+plan.Floats(b.Size) && !b.Infer {
					t.Errorf("%s: %s[%d] in %s is %v, in Go %v", what, b.Name, at-from, space, g, w)
				}
			}
			break
		}
	}
}

// padding tells of each number of the arena whether what was stored there last, in the order of the
// steps, is a lane behind those that there are.
func padding(p *plan.Program) []bool {
	free := make([]bool, plan.Floats(p.Size[plan.Arena]))
	for _, s := range p.Train {
		if s.Split > 1 {
			t := s.Kernel.Out.Type
			t.Layout.Halo = [2]int{}
			for i := range s.Split {
				markPadding(free[plan.Floats(s.Partial.Offset)+i*t.Place().Size:], t)
			}
		}
		for _, o := range s.Writes() {
			if o.Buffer.Space == plan.Arena {
				markPadding(free[plan.Floats(o.Buffer.Offset):], o.Type)
			}
		}
	}
	return free
}

// markPadding tells which numbers of a type's memory are no elements, and no zeros around planes.
func markPadding(free []bool, t ir.Type) {
	place := t.Place()
	for i := range place.Size {
		free[i] = len(t.Shape) == 4 && place.Block >= 0
	}
	var border [4]int
	copy(border[2:], t.Layout.Halo[:])
	coord := make([]int, len(t.Shape))
	var from func(axis int)
	from = func(axis int) {
		if axis == len(coord) {
			free[place.Offset(coord...)] = false
			return
		}
		n, around := t.Shape[axis], 0
		if len(coord) == len(border) {
			around = border[axis]
		}
		for coord[axis] = -around; coord[axis] < n+around; coord[axis]++ {
			from(axis + 1)
		}
	}
	from(0)
}

// TestConvolutionTwins wants twins for all uses of convolutions, as the schedule cuts them.
func TestConvolutionTwins(t *testing.T) {
	u := newUses(3)
	for _, name := range []string{"conv2d", "conv2d_dx", "conv2d_dw"} {
		for range 50 {
			u.add(t, name, op.All()[name].Sample(u.rand))
		}
	}
	for _, channels := range []int{40, 200, 272, 384} {
		u.add(t, "conv2d_dw", ir.Sample{
			Args: []ir.SampleArg{normal(2, channels, 26, 26), normal(2, 16, 26, 26)},
			Attrs: ir.Attrs{"stride": []int{1, 1}, "pad": []int{0, 0}, "dilation": []int{1, 1},
				"kernel": []int{1, 1}}})
	}
	for _, s := range u.scheduled(t).Train {
		if s.Kernel == nil {
			continue
		}
		if _, ok := (&goasm.Twins{}).Twin(s.Name, "", s, s.Kernel.Out.Type); !ok {
			t.Errorf("no twin for %s %v", s.Kernel.Op.Name, s.Kernel.Attrs)
		}
	}
}
