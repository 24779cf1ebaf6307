// Package planexec runs a plan in float64, on the very offsets, layouts, borders and pieces that
// it decides, and in the order of its nests: a plan is right if this gives what the interpreter gives
// for the graphs. It is made for tests and pays no attention to speed.
//
// All memory is NaN at first. What a step is not the first to write, or what is dead behind it,
// becomes NaN again, and so do padding lanes, so that a plan that relies on them shows. The tasks
// of a step run in any order.
package planexec

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// Machine is a program with its memory.
type Machine struct {
	// Rand returns the uniform number in [0, 1) of a site for the element with the given
	// row-major index. Nil where the program draws none.
	Rand func(site, element int) float64

	// Order returns the order in which the tasks of a step run, on which no result may depend. New
	// sets one that shuffles them.
	Order func(tasks int) []int

	// Exact stores elements as they are computed, not rounded to their type: what differs from the
	// interpreter then is no matter of rounding.
	Exact bool

	program *plan.Program
	memory  [plan.Spaces]memory
}

// New returns a machine whose memory holds nothing yet.
func New(p *plan.Program) *Machine {
	m := &Machine{program: p, Order: rand.New(rand.NewPCG(1, 2)).Perm}
	for space, n := range p.Size {
		m.memory[space] = newMemory(n)
	}
	return m
}

// Set stores the contents of a source, row-major: images, labels, a parameter, a running
// statistic, a state or a number of the optimizer.
func (m *Machine) Set(name string, data []float64) error {
	b := m.find(name)
	if b == nil || len(data) != b.Size/ir.F32.Bytes() {
		return fmt.Errorf("no source %s of %d elements", name, len(data))
	}
	at := m.of(b)
	for i, v := range data {
		at.store(ir.F32, i, v)
	}
	return nil
}

// Get returns what a buffer outside of the arena holds: a gradient "d.conv1.weight", a parameter,
// a running statistic, a state of the optimizer.
func (m *Machine) Get(name string) ([]float64, error) {
	b := m.find(name)
	if b == nil {
		return nil, fmt.Errorf("no buffer %s outside of the arena", name)
	}
	data, at := make([]float64, b.Size/ir.F32.Bytes()), m.of(b)
	for i := range data {
		data[i] = at.load(ir.F32, i)
	}
	return data, nil
}

// of returns the memory of a buffer.
func (m *Machine) of(b *plan.Buffer) memory { return m.memory[b.Space].part(b.Offset, b.Size) }

func (m *Machine) find(name string) *plan.Buffer {
	for _, b := range m.program.Buffers {
		if b.Name == name && b.Space != plan.Arena {
			return b
		}
	}
	return nil
}

// Read returns an operand as a row-major tensor: an output, when the steps that make it have run.
func (m *Machine) Read(o plan.Operand) ir.Tensor {
	t := ir.NewTensor(o.Type.Shape)
	x := m.tensor(o, nil)
	element := 0
	each(whole(o.Type.Shape), func(coord []int) {
		t.Data[element] = x.load(coord)
		element++
	})
	return t
}

// Train runs the steps of training and of the optimizer.
func (m *Machine) Train() error { return m.run(false) }

// Infer runs the steps of evaluation.
func (m *Machine) Infer() error { return m.run(true) }

func (m *Machine) run(infer bool) error {
	for i, s := range m.program.Steps(infer) {
		m.poisonResults(s, i)
		if err := m.step(s); err != nil {
			return fmt.Errorf("step %d %s: %w", i, s.Name, err)
		}
		m.poisonDead(infer, i)
	}
	return nil
}

// poisonResults fills what step i is the first to write, unless it replaces an argument.
func (m *Machine) poisonResults(s *plan.Step, i int) {
	for _, w := range s.Writes() {
		b := w.Buffer
		replaces := slices.ContainsFunc(s.Reads(), func(r plan.Operand) bool {
			return r.Buffer.Space == b.Space && r.Buffer.Offset == b.Offset
		})
		if b.Space == plan.Arena && b.First == i && !replaces {
			m.of(b).poison()
		}
	}
}

// poisonDead fills all of the arena that holds nothing that is read behind step i.
func (m *Machine) poisonDead(infer bool, i int) {
	alive := make([]bool, m.program.Size[plan.Arena])
	for _, b := range m.program.Live(infer, i) {
		if b.Last > i {
			for k := range b.Size {
				alive[b.Offset+k] = true
			}
		}
	}
	for from := 0; from < len(alive); {
		to := from
		for to < len(alive) && alive[to] == alive[from] {
			to++
		}
		if !alive[from] {
			m.memory[plan.Arena].part(from, to-from).poison()
		}
		from = to
	}
}
