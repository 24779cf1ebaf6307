package compiler

import (
	"slices"
	"testing"
)

// TestOrderOfPasses holds the table to what its rows ask for, and to a reason for each.
func TestOrderOfPasses(t *testing.T) {
	var before []string
	for _, row := range passes() {
		if row.reason == "" {
			t.Errorf("%s has no reason to stand where it stands", row.name)
		}
		if slices.Contains(before, row.name) {
			t.Errorf("%s stands in the table twice", row.name)
		}
		for _, name := range row.after {
			if !slices.Contains(before, name) {
				t.Errorf("%s must come after %s", row.name, name)
			}
		}
		before = append(before, row.name)
	}
}
