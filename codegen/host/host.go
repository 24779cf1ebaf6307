// Package host prints what surrounds the kernels of a network: the type Net with its memory, the
// tables of its steps, what the trainer is told of it, its tests and its command. Kernels are printed
// into the same package by the backends.
package host

import (
	"cmp"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// Network is what is emitted.
type Network struct {
	Plan  *plan.Program
	Model *ir.Graph // as the user described it, for the table of layers

	// Package is the name of a package without a command, for programs of several networks. Empty
	// stands for main, the trainer.
	Package string
}

// Kernels prints a method of Net for each step of the plan, and puts the steps into the tables.
type Kernels func(*Net) error

// Files returns the source of the network's package, by file name. The same network yields the
// same bytes. An error names what cannot be emitted.
func Files(n Network, kernels Kernels) (map[string][]byte, error) {
	net := NewNet(n)
	if err := kernels(net); err != nil {
		return nil, err
	}
	for _, f := range []struct {
		name string
		emit func(*Code) error
	}{
		{"steps.go", net.tables},
		{"memory.go", net.memory},
		{"net.go", net.net},
		{"params.go", net.params},
		{"train.go", net.train},
		{"main.go", net.main},
		{"net_test.go", net.tests},
	} {
		c := &Code{}
		if err := f.emit(c); err != nil {
			return nil, err
		}
		net.AddFile(f.name, "", c)
	}
	return net.render()
}

// Net is the plan of a network on its way into a package.
type Net struct {
	*Package
	Plan *plan.Program

	offsets map[*plan.Buffer]string // constants, of the buffers that the package mentions
	steps   map[string][]Row        // by table
	fields  []Field
}

// Field is a field of the type Net that a backend needs, and its value at first.
type Field struct{ Name, Type, Value, Note string }

// NewNet begins a package.
func NewNet(n Network) *Net {
	return &Net{
		Package: &Package{Name: cmp.Or(n.Package, main), Model: n.Model,
			Scope: NewNames(nil, packageNames...), files: map[string]file{}},
		Plan:    n.Plan,
		offsets: map[*plan.Buffer]string{}, steps: map[string][]Row{},
	}
}

// AddField adds a field to the type Net.
func (n *Net) AddField(f Field) { n.fields = append(n.fields, f) }

// packageNames are the identifiers that the emitted package has in any case.
var packageNames = []string{
	"Net", "newNet", "newSpec", "memoryPlan", "build", "buildSteps", "spec",
	"pool", "seed", "step", "images", "labels", "arena", "params", "grads", "moments", "states",
	"scalars", "scratch", "forward", "backward", "update", "infer", "loss", "logits", "losses", "run",
	"poison", "testNet", "testBatch", "gradientPasses", "resultNames", "stepInOrder", "inOrder",
}
