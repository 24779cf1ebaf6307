package plan_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gradc/gradc/compiler"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/target/cpu"
)

// compiled compiles one of the examples.
func compiled(t *testing.T, name string) *plan.Program {
	t.Helper()
	text, err := os.ReadFile("../../examples/testdata/" + name + ".ir")
	if err != nil {
		t.Fatal(err)
	}
	g, err := ir.Parse(string(text), op.All())
	if err != nil {
		t.Fatal(err)
	}
	r, err := compiler.Compile(g, cpu.New())
	if err != nil {
		t.Fatal(err)
	}
	return r.Plan
}

// fault is a mistake in a compiled plan, and what Check must say of it, in one error.
type fault struct {
	name  string
	spoil func(p *plan.Program)
	want  []string
}

// TestFaults puts faults into the plan of a real network, one at a time, each of which would train
// wrongly in silence. The error names the step, and the buffer or what else it is about.
func TestFaults(t *testing.T) {
	for _, f := range slices.Concat(cutFaults(), nestFaults(), foldFaults(), memoryFaults()) {
		t.Run(f.name, func(t *testing.T) {
			p := compiled(t, "mnist-cnn")
			f.spoil(p)
			err := plan.Check(p)
			if err == nil {
				t.Fatal("the plan is accepted")
			}
			for line := range strings.Lines(err.Error()) {
				if !slices.ContainsFunc(f.want, func(w string) bool { return !strings.Contains(line, w) }) {
					return
				}
			}
			t.Errorf("no error has all of %q:\n%v", f.want, err)
		})
	}
}

// axis returns the first axis of a nest that tasks divide along an axis of the domain.
func axis(n *plan.Nest, of int) *plan.Axis {
	at := slices.IndexFunc(n.Axes, func(a plan.Axis) bool { return a.Of() == of && a.Pieces() > 1 })
	return &n.Axes[at]
}

// drop removes a training step.
func drop(p *plan.Program, name string) {
	p.Train = slices.DeleteFunc(p.Train, func(s *plan.Step) bool { return s.Name == name })
	for _, b := range p.Buffers { // lifetimes count steps
		if !b.Infer {
			b.First, b.Last = max(0, b.First-1), b.Last-1
		}
	}
}

// cutFaults divide what a step does in different ways.
func cutFaults() []fault {
	const hidden = "fc2.backward.drop1" // a linear layer's gradient, the activation's and a bias's
	return []fault{
		{"a fused loop cut at other columns than its product", func(p *plan.Program) {
			axis(step(p, hidden).Nest, 1).Cut.Unit = 3 // blocks of 16
		}, []string{hidden, "task 1 reads 48, 128 every 128, 80 in a row of buffer d.fc1",
			"its kernel writes 64, 128 every 128, 64 in a row"}},
		{"a product cut at other columns than its fused loop", func(p *plan.Program) {
			step(p, hidden).Cuts[1].Unit = 48
		}, []string{hidden, "task 0 reads 0, 128 every 128, 64 in a row of buffer d.fc1",
			"its kernel writes 0, 128 every 128, 48 in a row"}},
		{"a fused loop of images cut by others than its convolution", func(p *plan.Program) {
			s := step(p, "conv2.forward")
			s.Cuts[0].Pieces = 64
			s.Partial.Size /= 2
		}, []string{"conv2.forward", "cut into 128 pieces along axis 0, not 64"}},
		{"a fused loop of blocks cut by others than its convolution", func(p *plan.Program) {
			a := axis(step(p, "conv1.forward").Nest, 1)
			a.Cut = plan.Cut{Size: 2, Unit: 2, Pieces: 2}
		}, []string{"conv1.forward", "has 2 iterations in 2 pieces of units of 2"}},
		{"a loop that is not cut", func(p *plan.Program) {
			axis(step(p, "lrelu1.forward").Nest, 0).Cut.Pieces = 1
		}, []string{"lrelu1.forward", "its nest is not cut along axis 0"}},
		{"a loop that leaves the last image out", func(p *plan.Program) {
			axis(step(p, "lrelu1.forward").Nest, 0).Cut.Size--
		}, []string{"lrelu1.forward", "has 127 iterations", "the domain 128"}},
		{"pieces of an optimizer's block that overlap", func(p *plan.Program) {
			a := axis(p.Update[0].Nest, 0)
			a.Cut.Unit *= 2
		}, []string{"adam.update", "piece 2 of axis 0"}},
		{"all tasks store the whole", func(p *plan.Program) {
			n := step(p, "lrelu1.forward").Nest
			n.Outs[0].Stride[0] = 0
		}, []string{"lrelu1.forward", "tasks of different pieces of axis 0 write", "of buffer lrelu1"}},
	}
}

// nestFaults find operands elsewhere than they lie, or go over something else than the domain.
func nestFaults() []fault {
	return []fault{
		{"a wrong stride of an argument", func(p *plan.Program) {
			step(p, "lrelu1.forward").Nest.Args[0].Stride[0] += 16
		}, []string{"lrelu1.forward", "conv1 moves by", "in buffer conv1 along axis 0, not by"}},
		{"a wrong stride of a result", func(p *plan.Program) {
			step(p, "lrelu1.forward").Nest.Outs[0].Stride[0] -= 16
		}, []string{"lrelu1.forward", "tasks store", "of buffer lrelu1 twice"}},
		{"an argument that does not repeat", func(p *plan.Program) {
			step(p, "lrelu1.forward").Nest.Args[1].Stride[0] = 32
		}, []string{"lrelu1.forward", "bn1.mean moves by 32 in buffer bn1.mean along axis 0, not by 0"}},
		{"an argument read from its border on", func(p *plan.Program) {
			s := step(p, "bn3.backward.conv3")
			at := slices.IndexFunc(s.Nest.Args, func(t plan.Tensor) bool { return t.Name == "conv3" })
			s.Nest.Args[at].Base = 0
		}, []string{"bn3.backward.conv3", "conv3 begins at 0 in buffer conv3, not at"}},
		{"a plane stored from its first element on", func(p *plan.Program) {
			step(p, "bn3.backward.conv3").Nest.Outs[0].Lead = 0
		}, []string{"bn3.backward.conv3", "result d.conv3:", "of buffer d.conv3, which has"}},
		{"a border that is not cleared", func(p *plan.Program) {
			step(p, "bn3.backward.conv3").Nest.Outs[0].Type.Layout.Halo = [2]int{}
		}, []string{"bn3.backward.conv3", "d.conv3: the nest has it as"}},
		{"rows of a plane that are left out", func(p *plan.Program) {
			n := step(p, "bn3.backward.conv3").Nest
			n.Axes[len(n.Axes)-2].Cut.Size--
		}, []string{"bn3.backward.conv3", "has 21 iterations", "the domain 22"}},
		{"an axis that is left out", func(p *plan.Program) {
			n := step(p, "loss.backward.fc2").Nest
			n.Axes = n.Axes[:1]
			for _, a := range n.Accesses() {
				a.Stride = a.Stride[:1]
			}
		}, []string{"loss.backward.fc2", "does not go over axis"}},
		{"random numbers of other elements", func(p *plan.Program) {
			step(p, "fc2.backward.drop1").Nest.Index.Stride[0]--
		}, []string{"fc2.backward.drop1", "the element's index moves by"}},
		{"classes of other elements", func(p *plan.Program) {
			n := step(p, "loss.backward.fc2").Nest
			c := n.Coords[1]
			c.Stride = slices.Repeat([]int{0}, len(c.Stride))
		}, []string{"loss.backward.fc2", "the element's coordinate moves by 0"}},
		{"a result of another operand", func(p *plan.Program) {
			n := step(p, "lrelu1.forward").Nest
			n.Args[0].Buffer = buffer(p, "lrelu1")
		}, []string{"lrelu1.forward", "argument conv1: the nest has it"}},
		{"no nest", func(p *plan.Program) { step(p, "lrelu1.forward").Nest = nil },
			[]string{"lrelu1.forward", "of buffer lrelu1 is not stored"}},
	}
}

// foldFaults lose elements of sums.
func foldFaults() []fault {
	return []fault{
		{"a sum that is closed for each image", func(p *plan.Program) {
			n := step(p, "bn3.backward.dsum").Nest
			n.Folds[0].Level++
		}, []string{"bn3.backward.dsum", "the fold bn3.dsum of axis 0 is closed within the loop over it"}},
		{"sums of several channels in one", func(p *plan.Program) {
			n := step(p, "conv1.forward").Nest
			n.Sums[0].Stride = slices.Repeat([]int{0}, len(n.Axes))
		}, []string{"conv1.forward", "the sums of the fold bn1.mean do not differ along axis 1"}},
		{"a sum of another value", func(p *plan.Program) {
			step(p, "bn3.backward.dsum").Nest.Folds[1].Sum = 0
		}, []string{"bn3.backward.dsum", "the sums of the fold bn3.ddot are not its own"}},
		{"partial results that all pieces store in one place", func(p *plan.Program) {
			step(p, "conv1.forward").Nest.Folds[0].Targets[0].Piece = 0
		}, []string{"conv1.forward", "tasks of different pieces of axis 0 write",
			"of buffer conv1.forward.partial"}},
		{"pieces of a fold that take themselves for the whole", func(p *plan.Program) {
			s := step(p, "conv2.backward.lrelu1")
			f := &s.Nest.Folds[0]
			f.Partial = false
		}, []string{"conv2.backward.lrelu1", "the nest folds it as sum"}},
		{"partial results too small", func(p *plan.Program) {
			step(p, "conv1.forward").Partial.Size -= 32
		}, []string{"conv1.forward", "bytes for 49152 of partial results"}},
		{"partial results that are not combined", func(p *plan.Program) {
			step(p, "conv1.forward").Combine = nil
		}, []string{"conv1.forward", "result bn1.mean:", "is not stored"}},
		{"a partial result that is left out", func(p *plan.Program) {
			c := step(p, "conv1.forward").Combine
			c.Combines = c.Combines[:1]
		}, []string{"conv1.forward", "of buffer bn1.var is not stored"}},
		{"partial results of another fold", func(p *plan.Program) {
			c := &step(p, "conv1.forward").Combine.Combines[1]
			c.Parts.At++
		}, []string{"conv1.forward", "from 4097 of buffer conv1.forward.partial on, it is stored from 4096"}},
		{"partial variances of other numbers of elements", func(p *plan.Program) {
			step(p, "conv1.forward").Combine.Combines[1].Cut.Unit = 2
		}, []string{"conv1.forward", "result bn1.var: its partial results are combined"}},
		{"a split without a sum", func(p *plan.Program) {
			step(p, "fc1.forward").Combine = nil
		}, []string{"fc1.forward", "of buffer fc1.linear is not stored"}},
		{"a part of a split that is added twice", func(p *plan.Program) {
			step(p, "fc1.forward").Combine.Nest.Args[3].At = 0
		}, []string{"fc1.forward", "argument part3: the nest has it"}},
		{"a part of a split that nobody wrote", func(p *plan.Program) {
			c := step(p, "fc1.forward").Combine
			size := c.Loop.Args[1].At
			c.Loop.Args[15].At += size
			c.Nest.Args[15].At += size
			c.Nest.Args[15].Base += size
		}, []string{"fc1.forward", "argument part15", "of buffer fc1.forward.partial"}},
	}
}

// memoryFaults give memory away too early, or twice.
func memoryFaults() []fault {
	return []fault{
		{"swapped offsets", func(p *plan.Program) {
			a, b := buffer(p, "conv1"), buffer(p, "conv3")
			a.Offset, b.Offset = b.Offset, a.Offset
		}, []string{"overlap"}},
		{"a last use too early", func(p *plan.Program) { buffer(p, "conv1").Last -= 3 },
			[]string{"bn1.backward.conv1", "argument conv1: its buffer lives from step"}},
		{"a first use too late", func(p *plan.Program) { buffer(p, "conv2").First++ },
			[]string{"conv2.forward", "result conv2: its buffer lives from step"}},
		{"a dropped step", func(p *plan.Program) { drop(p, "bn1.forward.scale") },
			[]string{"lrelu1.forward", "argument bn1.scale: nothing was written there before"}},
		{"a dropped step of the gradients", func(p *plan.Program) { drop(p, "fc2.backward.weight") },
			[]string{"adam.update", "nothing was written to d.fc2.weight before"}},
		{"steps in the wrong order", func(p *plan.Program) {
			p.Train[2], p.Train[4] = p.Train[4], p.Train[2]
		}, []string{"lrelu1.forward", "argument bn1.scale: nothing was written there before"}},
		{"a border that is missing", func(p *plan.Program) {
			s := step(p, "bn3.backward.conv3")
			s.Loop.Outs[0].Type.Layout.Halo = [2]int{}
			s.Nest.Outs[0].Type.Layout.Halo = [2]int{}
		}, []string{"conv3.backward.weight", "d.conv3: is read as", "was written as"}},
		{"a border too narrow for the kernel", func(p *plan.Program) {
			step(p, "conv3.backward.lrelu2").Kernel.Args[0].Type.Layout.Halo = [2]int{1, 1}
		}, []string{"conv3.backward.lrelu2", "wants layout"}},
		{"a result over an argument that others still read", func(p *plan.Program) {
			buffer(p, "lrelu1").Offset = buffer(p, "bn1.mean").Offset
		}, []string{"lrelu1.forward", "result lrelu1 overwrites argument bn1.mean"}},
		{"an epilogue over what its kernel reads", func(p *plan.Program) {
			buffer(p, "fc2").Offset = buffer(p, "drop1").Offset
		}, []string{"fc2.forward", "result fc2 overwrites argument drop1"}},
		{"results in one place", func(p *plan.Program) {
			buffer(p, "losses.gap").Offset = buffer(p, "losses.others").Offset
		}, []string{"loss.forward.losses.others", "results losses.others and losses.gap overlap"}},
		{"a buffer that is shorter than its tensor", func(p *plan.Program) {
			buffer(p, "lrelu1").Size -= 16
		}, []string{"lrelu1.forward", "lrelu1", "bytes in a buffer of"}},
	}
}
