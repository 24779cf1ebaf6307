package trainer

import (
	"github.com/gradc/gradc/runtime/augment"
	"github.com/gradc/gradc/runtime/initial"
	"github.com/gradc/gradc/runtime/schedule"
)

// Spec is what is known of a network at generate time.
type Spec struct {
	Name   string // "mnist-cnn"
	Source string // where the network is described: "examples/mnist-cnn/net.go:14"

	Batch                            int
	Channels, Height, Width, Classes int

	Params  []Tensor // trainable parameters, in the order of the parameter block
	States  []Tensor // running statistics, in the order of the state block
	Moments []string // the optimizer's state: "exp_avg", "exp_avg_sq"
	Layers  []Layer

	Arena       int64  // floats in the arena
	PlanBytes   int64  // all memory of the plan: arena, parameters, gradients, states, batch buffers
	InferBytes  int64  // the part of it that evaluation touches
	ThreadBytes int64  // what each thread needs besides
	Plan        string // the memory plan as text

	Recipe  Recipe
	Digests Digests
}

// Tensor is a part of the parameter or state block.
type Tensor struct {
	Name   string // "conv1.weight"
	Shape  []int
	Offset int // in floats
	Init   initial.Init
}

// Len is the number of elements.
func (t *Tensor) Len() int {
	n := 1
	for _, size := range t.Shape {
		n *= size
	}
	return n
}

// Layer is a line of the table that info shows.
type Layer struct {
	Name, Op string
	Source   string // "net.go:17"
	Shape    []int  // of its output, without the batch
	Params   int
	Flops    int64 // forward, for one image
}

// Recipe is how the network is trained unless flags say otherwise.
type Recipe struct {
	Data         string // name of the default data set
	Epochs       int
	Seed         uint64
	LearningRate float64
	Schedule     schedule.Schedule
	Pipeline     augment.Pipeline
}

// paramCount is the number of trainable parameters.
func (s *Spec) paramCount() int {
	n := 0
	for i := range s.Params {
		n += s.Params[i].Len()
	}
	return n
}

// Initialise gives a network the parameters and running statistics that a training with this seed
// begins with, and clears the optimizer's state. Tensors are numbered parameters first, then
// states; the number keys a tensor's random values.
func Initialise(n Network, seed uint64) {
	spec := n.Spec()
	for i := range spec.Params {
		t := &spec.Params[i]
		initial.Fill(t.of(n.Params()), t.Init, seed, i)
	}
	for i := range spec.States {
		t := &spec.States[i]
		initial.Fill(t.of(n.States()), t.Init, seed, len(spec.Params)+i)
	}
	clear(n.Moments())
}

// of is the tensor's part of its block.
func (t *Tensor) of(block []float32) []float32 {
	end := t.Offset + t.Len()
	return block[t.Offset:end:end]
}
