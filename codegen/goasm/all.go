package goasm

import (
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// kernel is how an operation that has a loop of its own is printed in assembly.
type kernel struct {
	// find returns the function for the kernel of a step whose result lies as out; nil where it has
	// none. Nil for operations whose functions do not depend on their use.
	find func(s *plan.Step, out ir.Type) function

	shared shared
}

// shared is functions that do not depend on the network, by name.
type shared map[string]sharedFunction

// sharedFunction is one of them: what it computes, and what emits its body.
type sharedFunction struct {
	doc  string
	emit func(a *assembler)
}

// kernels returns the table of kernels in assembly, by operation.
func kernels() map[string]kernel {
	return map[string]kernel{
		"avg_pool2d":       {find: avgPool2dTwin},
		"avg_pool2d_dx":    {find: avgPool2dDXTwin},
		"conv2d":           {find: conv2dTwin},
		"conv2d_dw":        {find: conv2dDWTwin},
		"conv2d_dx":        {find: conv2dTwin},
		"matmul":           {find: matmulTwin},
		"max_pool2d":       {find: maxPool2dTwin},
		"max_pool2d_dx":    {find: maxPool2dDXTwin},
		"winograd":         {shared: winogradConv()},
		"winograd_dw":      {shared: winogradDW()},
		"winograd_weights": {shared: winogradWeights()},
	}
}
