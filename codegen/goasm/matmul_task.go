package goasm

import (
	"slices"

	"github.com/gradc/gradc/compiler/plan"
)

// This file holds what is known of the tasks of a product, so that no code is emitted for tiles
// that none of them has.

// tasks is how many rows and columns of the result a task may have, zeros behind; all zeros if it
// may be any number.
type tasks struct{ taskRows, taskColumns [plan.MostSizes]int }

// tasksOf returns those of a step.
func tasksOf(s *plan.Step) tasks {
	var t tasks
	copy(t.taskRows[:], s.Cuts[0].Sizes())
	copy(t.taskColumns[:], s.Cuts[1].Sizes())
	return t
}

// findTiles finds which heights tiles have, whether some have all columns of a panel, and whether
// some do not.
func (m *multiplier) findTiles() {
	if m.tasks == (tasks{}) {
		m.occur, m.full, m.partial = m.heights, true, true
		return
	}
	for _, rows := range m.taskRows {
		for ; rows > 0; rows -= m.chunk {
			for left := min(rows, m.chunk); left > 0; {
				height := m.heightOf(left)
				if !slices.Contains(m.occur, height) {
					m.occur = append(m.occur, height)
				}
				left -= height
			}
		}
	}
	slices.Sort(m.occur)
	slices.Reverse(m.occur)
	for _, columns := range m.taskColumns {
		m.full = m.full || columns >= m.width
		m.partial = m.partial || columns%m.width > 0
	}
}

// heightOf returns the height of the next tile where some rows are left: the highest that they
// fill, but two of the second height where few would remain after the highest, for low tiles leave
// the multipliers waiting for each other.
func (m *multiplier) heightOf(rows int) int {
	if rows == 2*m.heights[1] {
		return m.heights[1]
	}
	for _, height := range m.heights {
		if rows >= height {
			return height
		}
	}
	return 1
}
