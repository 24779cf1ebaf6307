package op

import "github.com/gradc/gradc/compiler/ir"

// Optimizer is a rule that changes parameters by their gradients. Its numbers, such as beta1, are
// constants of the network; its scalars, such as learning_rate, are set before each step.
type Optimizer struct {
	Name    string
	Args    []ir.Arg // numbers and their defaults
	Moments []string // states as long as the parameters, 0 at first
	Scalars []string // numbers of one step

	// Update appends the new parameters and moments. Params, grads and moments have one shape
	// of one axis, scalars the shape [1].
	Update func(b *ir.Builder, c ir.Choice, params, grads *ir.Value, moments, scalars []*ir.Value,
	) (newParams *ir.Value, newMoments []*ir.Value)
}

// Optimizers returns the table of optimizers.
func Optimizers() []Optimizer { return []Optimizer{sgd(), adam(), adamW()} }
