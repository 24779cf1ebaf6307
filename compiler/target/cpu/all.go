// Package cpu is the target of processors with vectors of 8 or 16 floats: images lie in blocks of 16
// channels, and tasks are pieces of a kernel's result that fit the second-level cache.
package cpu

import (
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/target"
)

// New returns the target.
func New() *target.Target {
	return &target.Target{
		Name:      "cpu",
		Orders:    []ir.Order{nchw16c, oihw16o, iohw16i, hwoi16o},
		Alignment: 64,
		Costs:     costs(),
		Kernels: map[string]target.Kernel{
			"avg_pool2d":       avgPool2d(),
			"avg_pool2d_dx":    avgPool2dDX(),
			"conv2d":           conv2d(),
			"conv2d_dw":        conv2dDW(),
			"conv2d_dx":        conv2dDX(),
			"matmul":           matmul(),
			"max_pool2d":       maxPool2d(),
			"max_pool2d_dx":    maxPool2dDX(),
			"winograd":         winogradConv(),
			"winograd_dw":      winogradDW(),
			"winograd_weights": winogradWeights(),
		},
	}
}

// lanes is how many channels lie side by side: as many floats as a vector of AVX-512 has.
const lanes = 16

// vectorBytes is the size of a vector: of the lanes of a pixel.
const vectorBytes = lanes * 4

// The orders. Weights lie along the channels that a kernel computes at a time.
const (
	nchw16c ir.Order = "nchw16c" // images
	oihw16o ir.Order = "oihw16o" // weights, to be read along output channels
	iohw16i ir.Order = "iohw16i" // weights, to be read along input channels
	hwoi16o ir.Order = "hwoi16o" // transformed weights, a matrix for each element
)

// costs are those that the examples are fastest with; see docs/performance.md for the machines. What
// else a figure follows from is said beside it.
func costs() target.Costs {
	return target.Costs{
		AddsPerFloat:  8,
		FloatsPerStep: 1024, // 4 kB, the part of a cache that a barrier costs
		MostOuts:      8,    // half of the registers of AVX2
		MostNodes:     256,  // so that emitted code can be read
		SmallLoop:     4096,
		MuchKept:      1 << 27, // half a gigabyte
		RecomputePart: 8,
		TaskFlops:     1 << 19, // a few microseconds at the peak of a core
		TaskElements:  1 << 14, // 64 kB of floats
		MostTasks:     256,
		FewTasks:      16, // so that some threads find work
		FoldPieces:    16,
		TileTasks:     16,
		TileSide:      64,
		MostTileSide:  256,
		LeastInner:    1024, // four blocks of the emitted code
		RowChannels:   128,  // of a row of 32 pixels: 16 kB
		// Times of the emitted functions, as measured, over that of a product.
		Winograd: target.Winograd{Product: 1.2, Pixel: 30, Result: 22, Weight: 50},
	}
}

// blocksOf returns the blocks of lanes that channels take.
func blocksOf(channels int) int { return ir.Ceil(channels, lanes) }

// planes lays all arguments and the result in blocks of channels.
func planes(u target.Use) ([]ir.Layout, ir.Layout) {
	in := make([]ir.Layout, len(u.Args))
	for i := range in {
		in[i].Order = nchw16c
	}
	return in, ir.Layout{Order: nchw16c}
}
