package plan

// Kind says what a buffer is for.
type Kind string

// The kinds of buffers.
const (
	Activation Kind = "activation" // of the forward pass
	Gradient   Kind = "gradient"   // of an activation
	Conversion Kind = "conversion" // a tensor once more, in another layout
	Workspace  Kind = "workspace"  // partial results of one step
	Statistic  Kind = "statistic"  // of the running kind, in the state block
	Parameter  Kind = "parameter"
	Batch      Kind = "batch"  // images or labels
	State      Kind = "state"  // of the optimizer
	Number     Kind = "number" // of one step, such as the learning rate
	Block      Kind = "block"  // a whole space, or a part of it, as the optimizer sees it
)

// kinds lists the kinds that lie in the arena, in the order in which they are told.
var kinds = [...]Kind{Activation, Gradient, Conversion, Workspace}
