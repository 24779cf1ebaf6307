package host

import (
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// testSource holds the emitted tests' declarations.
//
//go:embed net_test.go.txt
var testSource string

// tests emits the network's tests: its gradients, that results do not depend on the order of tasks,
// and that a step allocates nothing.
func (n *Net) tests(file *Code) error {
	if n.output(n.Plan.TrainOutputs, "loss") == "" || len(n.Plan.Params) == 0 {
		return nil
	}
	passes, large := n.gradientPasses()
	file.Comment("gradientPasses are how many times TestGradients may run forward and backward, about.")
	file.Line("const gradientPasses = %d", passes)
	threads := "1"
	if large {
		threads = "0"
	}
	scratch := ""
	if n.Plan.Scratch() > 0 {
		scratch = poisonScratch
	}
	jumps := "nil"
	if names := n.jumps(); len(names) > 0 {
		jumps = fmt.Sprintf("%#v", names)
	}
	fill := strings.NewReplacer("IMAGES", fmt.Sprint(n.Plan.Input.Elements()), "BATCH",
		fmt.Sprint(n.batch()), "CLASSES", fmt.Sprint(n.Plan.Classes), "SCRATCH", scratch,
		"THREADS", threads, "JUMPS", jumps)
	for _, part := range strings.Split(strings.TrimSpace(testSource), "\n\n\n") {
		file.Gap()
		file.Line("%s", fill.Replace(part))
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
// whether one is so long that steps which could run on one thread had better run on all. Small
// networks are looked at along eight segments for each tensor; of a large one the test takes seconds.
func (n *Net) gradientPasses() (passes int, large bool) {
	const (
		all     = 5e10 // flops
		aByte   = 4    // flops, in time
		aStep   = 2e5  // likewise, whatever it does
		least   = 8
		aTensor = 80
		long    = 5e9 // flops
	)
	cost := 0.0
	for _, s := range n.Plan.Train {
		cost += float64(s.Flops) + aByte*float64(s.Bytes) + aStep
	}
	return max(least, min(aTensor*len(n.Plan.Params)+least, int(all/cost))), cost > long
}

// jumps returns the parameters in front of an activation that is not continuous, as a softplus of
// small threshold is: along them the loss is not the integral of its gradient.
func (n *Net) jumps() []string {
	ahead := map[*ir.Value]bool{} // of such an activation
	var names []string
	for _, v := range slices.Backward(n.Model.Values) {
		one := v.Op.Kind == ir.Map && len(v.Args) == 1 && !v.Body().Uses(scalar.Rand)
		if ahead[v] || one && jump(v.Body()) > 1e-5 {
			for _, a := range v.Args {
				ahead[a] = true
			}
		}
		if ahead[v] && v.Op.Name == "param" {
			names = append(names, v.Name)
		}
	}
	slices.Reverse(names)
	return names
}

// jump returns by how much a function of one number jumps where its choices change, for numbers that
// activations mostly are.
func jump(f *scalar.Expr) float64 {
	const most, step, narrow = 32, 1. / 8, 1e-9
	at := func(e *scalar.Expr, x float64) float64 {
		return e.Eval(&scalar.Env{In: []float64{x}})
	}
	largest := 0.0
	f.Walk(func(e *scalar.Expr) {
		if e.Op != scalar.Select {
			return
		}
		choice := e.Args[0]
		for x := -float64(most); x < most; x += step {
			low, high := x, x+step
			if at(choice, low) == at(choice, high) {
				continue
			}
			for high-low > narrow {
				middle := (low + high) / 2
				if at(choice, middle) == at(choice, low) {
					low = middle
				} else {
					high = middle
				}
			}
			largest = max(largest, math.Abs(at(f, high)-at(f, low)))
		}
	})
	return largest
}
