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
	} {
		table[op.Name] = op
	}
	return table
}
