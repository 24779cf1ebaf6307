package gosrc

import (
	_ "embed"
	"fmt"
	"strings"
)

// testSource holds the emitted tests' declarations.
//
//go:embed net_test.go.txt
var testSource string

// tests emits the network's tests: its gradients, that results do not depend on the order of tasks,
// and that a step allocates nothing.
func (e *emitter) tests(file *code) error {
	if e.output(e.Plan.TrainOutputs, "loss") == "" || len(e.Plan.Params) == 0 {
		return nil
	}
	passes, flops := e.gradientPasses()
	file.comment("gradientPasses are how many times TestGradients may compute the loss and its gradients,")
	file.comment("about, with %.3g flops each.", flops)
	file.line("const gradientPasses = %d", passes)
	scratch := ""
	if e.Plan.Scratch() > 0 {
		scratch = poisonScratch
	}
	fill := strings.NewReplacer("IMAGES", fmt.Sprint(e.Plan.Input.Elements()), "BATCH",
		fmt.Sprint(e.batch()), "CLASSES", fmt.Sprint(e.Plan.Classes), "SCRATCH", scratch)
	for _, part := range strings.Split(strings.TrimSpace(testSource), "\n\n\n") {
		file.gap()
		file.line("%s", fill.Replace(part))
	}
	return nil
}

// poisonScratch is the part of a test for networks whose tasks have scratch memory.
const poisonScratch = `
	for range n.pool.Threads() { // the pieces take turns
		piece := n.scratch.Take()
		for i := range piece {
			piece[i] = nan
		}
		n.scratch.Give(piece)
	}`

// gradientPasses returns how many passes, forward and backward, the test of the gradients takes, and
// the flops of one. Small networks are looked at along eight segments for each tensor; for a large
// one the passes take a few seconds in assembly.
func (e *emitter) gradientPasses() (passes int, flops float64) {
	const (
		all      = 5e10 // flops
		aByte    = 4    // flops, in time
		aStep    = 2e5  // likewise, whatever it does
		least    = 10
		aTensor  = 8 * 10
		overhead = 10
	)
	cost := 0.0
	for _, s := range e.Plan.Train {
		flops += float64(s.Flops)
		cost += float64(s.Flops) + aByte*float64(s.Bytes) + aStep
	}
	return max(least, min(overhead+aTensor*len(e.Plan.Params), int(all/cost))), flops
}
