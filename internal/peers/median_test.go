package main

import "testing"

func TestMedians(t *testing.T) {
	runs := []measurement{{8, 5, 10, 9}, {8, 1, 40, 9}, {8, 3, 20, 9}}
	if got, want := medians(runs), (measurement{8, 3, 20, 9}); got != want {
		t.Errorf("of three: %v, want %v", got, want)
	}
	if got, want := medians(runs[:2]), (measurement{8, 3, 25, 9}); got != want {
		t.Errorf("of two: %v, want %v", got, want)
	}
	if got := medians(runs[1:2]); got != runs[1] {
		t.Errorf("of one: %v, want %v", got, runs[1])
	}
}
