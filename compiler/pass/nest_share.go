package pass

import (
	"github.com/gradc/gradc/compiler/plan"
)

// This file makes the count of a function's outermost loop an argument where nests of several
// counts share the function then.

// shareCounts looks for nests that differ in nothing but the count.
func shareCounts(nests []*plan.Nest) {
	keys := make([]string, len(nests))
	counts := map[string]map[int]bool{}
	for i, n := range nests {
		if !mayShare(n) {
			continue
		}
		n.Axes[n.Outer].Shared = true
		if f, ok := n.Function(); ok {
			keys[i] = f.Key()
			if counts[keys[i]] == nil {
				counts[keys[i]] = map[int]bool{}
			}
			counts[keys[i]][f.Axes[0].Count] = true
		}
		n.Axes[n.Outer].Shared = false
	}
	for i, n := range nests {
		if keys[i] != "" {
			n.Axes[n.Outer].Shared = len(counts[keys[i]]) > 1
		}
	}
}

// mayShare reports whether nothing but the outermost loop of the function depends on its count.
func mayShare(n *plan.Nest) bool {
	a := &n.Axes[n.Outer]
	count, even := a.Count()
	if n.Bordered() || !even || count%fewest != 0 || a.Part() == plan.OverLanes {
		return false
	}
	for _, s := range n.Sums {
		if s.Stride[n.Outer] != 0 {
			return false // they are an array of that size
		}
	}
	return true
}

// fewest is what a count must be a multiple of: others are rarely those of several layers, and their
// loops cannot be unrolled.
const fewest = 4
