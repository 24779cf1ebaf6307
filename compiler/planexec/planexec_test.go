package planexec_test

import (
	"math"
	"strings"
	"testing"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/pass"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/planexec"
	"github.com/gradc/gradc/compiler/target/cpu"
)

// example doubles images, convolves them with padding and sums each channel.
const example = `graph "example" "net.go:1"
x: f32[2,8,3,3] = input() shape=[2,8,3,3]
w: f32[4,8,3,3] = param() shape=[4,8,3,3] init="ones" fan_in=1 fan_out=1 gain=1
v: f32[2,8,3,3] = map(x) shape=[2,8,3,3] body="2*x0"
y: f32[2,4,3,3] = conv2d(v, w) stride=[1,1] pad=[1,1] dilation=[1,1]
mean: f32[1,4,1,1] = reduce(y) shape=[2,4,3,3] fold="mean" axes=[0,2,3] body="x0"
z: f32[2,4,3,3] = map(y, mean) shape=[2,4,3,3] body="x0 - x1"
sum: f32[2,4,1,1] = reduce(z) shape=[2,4,3,3] fold="sum" axes=[2,3] body="x0"
output mean = mean
output sum = sum
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
	nest(t, p)
	return p
}

func nest(t *testing.T, p *plan.Program) {
	t.Helper()
	if err := pass.Nest(p); err != nil {
		t.Fatal(err)
	}
}

// run fills images and weights with ones and returns the outputs.
func run(t *testing.T, p *plan.Program) (mean, sum []float64, err error) {
	t.Helper()
	m := planexec.New(p)
	for name, n := range map[string]int{"x": 2 * 8 * 9, "w": 4 * 8 * 9} {
		ones := make([]float64, n)
		for i := range ones {
			ones[i] = 1
		}
		if err := m.Set(name, ones); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Train(); err != nil {
		return nil, nil, err
	}
	return m.Read(p.TrainOutputs[0].Operand).Data, m.Read(p.TrainOutputs[1].Operand).Data, nil
}

// Of the 3x3 images of twos, a 3x3 kernel sees 9 at the center, 6 at the edges and 4 in the
// corners: 8 channels of 2·(9 + 4·6 + 4·4) in all.
const total = 8 * 2 * (9 + 4*6 + 4*4)

func TestRun(t *testing.T) {
	mean, sum, err := run(t, program(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range mean {
		if math.Abs(v-total/9.) > 1e-12 {
			t.Errorf("a mean is %g, want %g", v, total/9.)
		}
	}
	for _, v := range sum {
		if math.Abs(v) > 1e-12 {
			t.Errorf("a sum of deviations is %g, want 0", v)
		}
	}
}

// TestMistakesShow spoils the plan: the numbers must not come out as if nothing had happened.
func TestMistakesShow(t *testing.T) {
	find := func(p *plan.Program, name string) *plan.Buffer {
		for _, b := range p.Buffers {
			if b.Name == name {
				return b
			}
		}
		t.Fatalf("no buffer %s", name)
		return nil
	}
	for _, c := range []struct {
		name  string
		spoil func(p *plan.Program)
	}{
		{"a buffer that dies too early", func(p *plan.Program) { find(p, "y").Last-- }},
		{"two buffers at one place", func(p *plan.Program) {
			find(p, "v").Offset = find(p, "w.oihw16o").Offset
		}},
		{"partial results over an argument", func(p *plan.Program) {
			s := p.Train[2]
			s.Cuts[0].Pieces = 2
			s.Partial = &plan.Buffer{Offset: find(p, "v").Offset, Size: 16}
			nest(t, p)
		}},
		{"a step too few", func(p *plan.Program) { p.Train = p.Train[1:] }},
		{"a wrong stride", func(p *plan.Program) { p.Train[0].Nest.Args[0].Stride[1]++ }},
		{"a fold that is not closed", func(p *plan.Program) { p.Train[3].Nest.Folds[0].Level = -1 }},
		{"pieces that do not cover the domain", func(p *plan.Program) {
			p.Train[0].Nest.Axes[0].Cut.Size = 1
		}},
	} {
		p := program(t)
		c.spoil(p)
		mean, sum, err := run(t, p)
		if err == nil && !math.IsNaN(mean[0]+sum[0]) {
			t.Errorf("%s goes unnoticed: %v %v", c.name, mean, sum)
		}
	}
}

func TestBorderIsChecked(t *testing.T) {
	p := program(t)
	for _, b := range p.Buffers {
		if b.Name == "v" { // read with its border, written without: the last step's zeros are missing
			p.Train[0].Loop.Outs[0].Type.Layout.Halo = [2]int{}
			nest(t, p)
		}
	}
	if _, _, err := run(t, p); err == nil || !strings.Contains(err.Error(), "the border of v holds") {
		t.Errorf("error %v, want one about the border of v", err)
	}
}

func TestUnknownNames(t *testing.T) {
	m := planexec.New(program(t))
	if err := m.Set("x", make([]float64, 3)); err == nil {
		t.Error("images of a wrong size are taken")
	}
	if _, err := m.Get("conv9.weight"); err == nil {
		t.Error("an unknown buffer has contents")
	}
}
