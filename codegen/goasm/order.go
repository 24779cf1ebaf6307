package goasm

import "github.com/gradc/gradc/compiler/ir"

// Lanes is how many channels lie side by side in the blocks that kernels compute on.
const Lanes = 16

// The orders in which kernels find tensors.
const (
	NCHW16c ir.Order = "nchw16c" // images
	OIHW16o ir.Order = "oihw16o" // weights, to be read along output channels
	IOHW16i ir.Order = "iohw16i" // weights, to be read along input channels
	HWOI16o ir.Order = "hwoi16o" // transformed weights, a matrix for each number
)
