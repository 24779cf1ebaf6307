// Package op holds the operations: one file each, and the table that lists them. An operation
// says what it computes, once; nothing else in the compiler knows it by name.
package op

import "github.com/gradc/gradc/compiler/ir"

// All returns the table of operations.
func All() ir.Table {
	table := ir.Table{}
	for _, op := range []*ir.Op{
		// Sources: what enters a graph.
		input(), labels(), param(), state(), block(), scalarSource(),
		// Views and the general forms of maps and reductions.
		reshape(), mapOp(), reduce(),
		// Elementwise.
		relu(), leakyReLU(), sigmoid(), softplus(), selu(), add(), mul(), scale(),
		// Loops of their own, with the gradients they need.
		conv2d(), conv2dDX(), conv2dDW(), maxPool2d(), maxPool2dDX(), avgPool2d(), avgPool2dDX(),
		matmul(), winogradConv(), winogradDW(), winogradWeights(),
		// Combinations of others.
		bias(), linear(), batchNorm(), dropout(), flatten(), globalAvgPool(), globalMaxPool(),
		softmax(), crossEntropy(), focalLoss(),
	} {
		table[op.Name] = op
	}
	return table
}
