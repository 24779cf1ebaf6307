package main

import (
	"cmp"
	"slices"
)

// medians returns the median of each number of some runs.
func medians(runs []measurement) measurement {
	m := measurement{Batch: runs[0].Batch}
	m.Speed = median(runs, func(r measurement) float64 { return r.Speed })
	m.Peak = median(runs, func(r measurement) int64 { return r.Peak })
	m.Plan = median(runs, func(r measurement) int64 { return r.Plan })
	return m
}

// median returns the middle one of the runs' numbers, the mean of two where they are even.
func median[T int64 | float64](runs []measurement, number func(measurement) T) T {
	var list []T
	for _, r := range runs {
		list = append(list, number(r))
	}
	slices.SortFunc(list, cmp.Compare[T])
	return (list[(len(list)-1)/2] + list[len(list)/2]) / 2
}
