package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/pass"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
	"github.com/gradc/gradc/compiler/target/cpu"
)

// example is a convolution with statistics, normalized and convolved again, and gradients of the
// weights: steps in.forward.v, conv1.forward.w1.oihw16o, conv1.forward, act.forward and so on.
const example = `graph "example" "net.go:1"
x: f32[4,16,6,6] = input() shape=[4,16,6,6]
w1: f32[16,16,3,3] = param() shape=[16,16,3,3] init="ones" fan_in=1 fan_out=1 gain=1
w2: f32[16,16,3,3] = param() shape=[16,16,3,3] init="ones" fan_in=1 fan_out=1 gain=1
v: f32[4,16,6,6] = map(x) shape=[4,16,6,6] body="exp(x0)" @in forward "net.go:1"
y: f32[4,16,4,4] = conv2d(v, w1) stride=[1,1] pad=[0,0] dilation=[1,1] @conv1 forward "net.go:2"
mean: f32[1,16,1,1] = reduce(y) shape=[4,16,4,4] fold="mean" axes=[0,2,3] body="x0" @bn forward "net.go:3"
act: f32[4,16,4,4] = map(y, mean) shape=[4,16,4,4] body="max(x0 - x1, 0)" @act forward "net.go:4"
z: f32[4,16,4,4] = conv2d(act, w2) stride=[1,1] pad=[1,1] dilation=[1,1] @conv2 forward "net.go:5"
pool: f32[4,16,1,1] = max_pool2d(z) kernel=[4,4] stride=[1,1] pad=[0,0] @pool forward "net.go:6"
flat: f32[4,16] = reshape(pool) shape=[4,16]
dw: f32[16,16,3,3] = conv2d_dw(v, y) stride=[1,1] pad=[0,0] dilation=[1,1] kernel=[3,3] @conv1 backward "net.go:2"
dw2: f32[16,16,3,3] = conv2d_dw(act, z) stride=[1,1] pad=[1,1] dilation=[1,1] kernel=[3,3] @conv2 backward "net.go:5"
output logits = flat
gradient w1 = dw
gradient w2 = dw2
`

func program(t *testing.T) *plan.Program {
	t.Helper()
	g, err := ir.Parse(example, op.All())
	if err != nil {
		t.Fatal(err)
	}
	if err := pass.Layout(g, cpu.New()); err != nil {
		t.Fatal(err)
	}
	p, err := pass.Schedule(cpu.New(), g, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	pass.Memory(p)
	if err := pass.Nest(p); err != nil {
		t.Fatal(err)
	}
	return p
}

func step(p *plan.Program, name string) *plan.Step {
	at := slices.IndexFunc(p.Train, func(s *plan.Step) bool { return s.Name == name })
	return p.Train[at]
}

func buffer(p *plan.Program, name string) *plan.Buffer {
	at := slices.IndexFunc(p.Buffers, func(b *plan.Buffer) bool { return b.Name == name })
	return p.Buffers[at]
}

func TestCheckAcceptsThePlan(t *testing.T) {
	if err := plan.Check(program(t)); err != nil {
		t.Error(err)
	}
}

// TestCheckFindsMistakes spoils a plan in one way at a time.
func TestCheckFindsMistakes(t *testing.T) {
	for _, c := range []struct {
		want  string
		spoil func(p *plan.Program)
	}{
		{"the arena has", func(p *plan.Program) { buffer(p, "z").Offset = p.Size[plan.Arena] }},
		{"buffer z: offset", func(p *plan.Program) { buffer(p, "z").Offset++ }},
		{"overlap", func(p *plan.Program) { buffer(p, "y").Offset = buffer(p, "v").Offset }},
		{"buffers w1 (steps", func(p *plan.Program) { buffer(p, "w2").Offset = 0 }},
		{"its buffer lives from step", func(p *plan.Program) { buffer(p, "mean").Last-- }},
		{"lives from step -1", func(p *plan.Program) { buffer(p, "mean").First = -1 }},
		{"argument mean: nothing was written there before", func(p *plan.Program) {
			p.Train[2], p.Train[3] = p.Train[3], p.Train[2]
		}},
		{`conv2d wants layout "nchw16c+1x1"`, func(p *plan.Program) {
			step(p, "conv2.forward").Kernel.Args[0].Type.Layout.Halo = [2]int{0, 1}
		}},
		{"is read as f32[4,16,4,4]nchw16c+2x2, was written as", func(p *plan.Program) {
			step(p, "conv2.forward").Kernel.Args[0].Type.Layout.Halo = [2]int{2, 2}
		}},
		{"bytes in a buffer of", func(p *plan.Program) { buffer(p, "act").Size -= 16 }},
		{`yields layout "nchw16c"`, func(p *plan.Program) {
			step(p, "conv1.forward").Kernel.Out.Type.Layout.Order = ir.RowMajor
		}},
		{"axis 0 of f32[4,16,4,4]nchw16c is cut into 5 pieces", func(p *plan.Program) {
			step(p, "conv2.forward").Cuts[0].Pieces = 5
		}},
		{"is cut into 2 pieces", func(p *plan.Program) { step(p, "conv2.forward").Cuts[1].Pieces = 2 }},
		{"there is no room for", func(p *plan.Program) {
			step(p, "conv1.forward").Cuts[0].Pieces = 2
			step(p, "conv1.forward").Partial = nil
		}},
		{"of partial results", func(p *plan.Program) { step(p, "conv1.backward.dw").Partial.Size++ }},
		{"its partial results live", func(p *plan.Program) {
			step(p, "conv1.backward.dw").Partial.First--
		}},
		{"the name is used twice", func(p *plan.Program) { p.Train[1].Name = p.Train[0].Name }},
		{"x7 has no meaning here", func(p *plan.Program) {
			step(p, "act.forward").Loop.Outs[0].Expr = scalar.X(7)
		}},
		{"i4 has no meaning here", func(p *plan.Program) {
			step(p, "act.forward").Loop.Outs[0].Expr = scalar.CoordOf(4)
		}},
		{"does not repeat to", func(p *plan.Program) {
			step(p, "act.forward").Loop.Args[1].Type.Shape = ir.Shape{1, 2, 1, 1}
		}},
		{"is a fold of", func(p *plan.Program) {
			step(p, "conv1.forward").Loop.Outs[0].Axes = []int{0, 2}
		}},
		{"is folded across pieces of axis 1", func(p *plan.Program) {
			s := step(p, "in.forward.v")
			s.Loop.Outs[0].Axes, s.Cuts[1].Pieces = []int{1}, 2
		}},
		{"the loop has no result", func(p *plan.Program) { step(p, "act.forward").Loop.Outs = nil }},
		{"computes nothing", func(p *plan.Program) { step(p, "act.forward").Loop = nil }},
		{"has no buffer", func(p *plan.Program) {
			step(p, "act.forward").Loop.Args[0].Buffer = nil
		}},
		{"nobody reads the kernel's result", func(p *plan.Program) {
			step(p, "conv2.forward").Kernel.Out.Buffer = nil
		}},
		{"result z overwrites argument act", func(p *plan.Program) {
			buffer(p, "z").Offset = buffer(p, "act").Offset
		}},
		{"results y and mean overlap", func(p *plan.Program) {
			buffer(p, "mean").Offset = buffer(p, "y").Offset
		}},
		{"its buffer is given away", func(p *plan.Program) { buffer(p, "pool").Last-- }},
		{"its buffer is not of the program", func(p *plan.Program) {
			p.TrainOutputs[0].Buffer = &plan.Buffer{Size: 64}
		}},
	} {
		p := program(t)
		c.spoil(p)
		err := plan.Check(p)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
}
