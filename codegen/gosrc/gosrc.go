// Package gosrc prints the kernels of a program as Go source: a method for each step, and functions
// whose shapes, strides and offsets are constants. It decides nothing; the plan does.
package gosrc

import (
	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/plan"
)

// Kernels returns what prints the kernels of a network in Go, with twins in assembly; nil for Go
// alone. An error names the step that cannot be emitted.
func Kernels(a Assembly) host.Kernels {
	return func(n *host.Net) error {
		e := newEmitter(n, a)
		for _, t := range n.Tables() {
			c := &host.Code{}
			if err := e.steps(c, t); err != nil {
				return err
			}
			n.AddFile(t.Name+".go", "", c)
		}
		e.chooseTwins()
		n.AddFile("helpers.go", "", e.helperFuncs())
		n.AddFile("winograd.go", "", e.winogradFuncs())
		return nil
	}
}

// emitter holds what the files of a package have in common.
type emitter struct {
	*host.Net
	Assembly

	methods map[*plan.Step]string // by step
	funcs   map[string]string     // names of kernels' functions by their source
	loops   map[string]string     // names of loops' functions by what they compute
	twins   []twin                // functions that have twins in assembly
	helpers map[string]bool       // functions that any network may need, by name

	winograd bool // whether the functions for Winograd's algorithm are needed
}

func newEmitter(n *host.Net, a Assembly) *emitter {
	n.Scope.Reserve("kernels", clearBorder, addPartials, addSpreads, maxPartials)
	n.Scope.Reserve(localNames...)
	e := &emitter{Net: n, Assembly: a, methods: map[*plan.Step]string{},
		funcs: map[string]string{}, loops: map[string]string{}, helpers: map[string]bool{}}
	for _, t := range n.Tables() {
		for _, s := range t.Steps {
			e.methods[s] = e.Scope.Fresh(host.Identifier(s.Name))
		}
	}
	return e
}

// localNames are the variables of emitted functions and methods that do not come from names of the
// network.
var localNames = []string{
	"n", "task", "split", "raw", "image", "channel", "plane", "block", "lane", "lanes", "row", "col",
	"out", "in", "pixel", "i", "j", "k", "l", "count", "images", "channels", "planes", "blocks",
	"rows", "cols", "pixels", "outs", "ins", element, "seed", "step", firstBlock,
	"imagePiece", "channelPiece", "blockPiece", "planePiece", "rowPiece", "colPiece", "outPiece",
	"inPiece", "iPiece", "i0", "i1", "i0s", "i1s", "i0Piece", "i1Piece",
	"from0", "from1", "from2", "from3",
}
