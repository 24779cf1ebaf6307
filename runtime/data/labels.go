package data

import "fmt"

// A labelFault is the first label that is no class, and what is wrong with it.
type labelFault struct {
	index   int
	problem string
}

// checkLabels looks for labels outside the classes 0 to classes-1. The usual fault is told by name:
// numbers that start at 1.
func checkLabels(n int, label func(i int) int64, classes int64) *labelFault {
	smallest, largest, first, outside := label(0), label(0), 0, -1
	for i := range n {
		v := label(i)
		if v < smallest {
			smallest, first = v, i
		}
		largest = max(largest, v)
		if outside < 0 && (v < 0 || v >= classes) {
			outside = i
		}
	}
	switch {
	case smallest == 1 && largest == classes:
		return &labelFault{first, fmt.Sprintf("the labels start at 1 and go to %d, but classes are "+
			"numbered from 0 on; subtract 1 from each", largest)}
	case outside >= 0:
		return &labelFault{outside, fmt.Sprintf("label %d where there are classes 0 to %d",
			label(outside), classes-1)}
	}
	return nil
}
