package pass

import (
	"cmp"
	"slices"
)

// tries bounds the search for a denser placement.
const tries = 64

// place gives slots offsets such that none overlaps another that is alive at the same time, and
// returns the size that they take. It places the largest first, each into the tightest gap. As
// long as that takes more than is ever alive, the slot that sticks out is placed earlier.
func place(slots []*slot) int {
	bound := aliveAtMost(slots)
	queue := slices.Clone(slots)
	slices.SortStableFunc(queue, func(a, b *slot) int { return cmp.Compare(b.size, a.size) })
	best := placeInOrder(queue)
	offsets := offsetsOf(slots)
	for try := 0; try < tries && best > bound; try++ {
		top := 0
		for i, s := range queue {
			if s.offset+s.size > queue[top].offset+queue[top].size {
				top = i
			}
		}
		s := queue[top]
		queue = slices.Insert(slices.Delete(queue, top, top+1), top/2, s)
		if size := placeInOrder(queue); size < best {
			best, offsets = size, offsetsOf(slots)
		}
	}
	for i, s := range slots {
		s.offset = offsets[i]
	}
	return best
}

func offsetsOf(slots []*slot) []int {
	offsets := make([]int, len(slots))
	for i, s := range slots {
		offsets[i] = s.offset
	}
	return offsets
}

// aliveAtMost returns the size of the slots that are alive at the fullest moment.
func aliveAtMost(slots []*slot) int {
	most := 0
	for _, at := range slots { // the fullest moment is the beginning of a slot
		sum := 0
		for _, s := range slots {
			if s.first <= at.first && at.first <= s.last {
				sum += s.size
			}
		}
		most = max(most, sum)
	}
	return most
}

// placeInOrder places one slot after the other, and returns the size that they take.
func placeInOrder(queue []*slot) int {
	size := 0
	var placed []*slot // in order of their offsets
	for _, s := range queue {
		s.offset = tightestGap(placed, s)
		size = max(size, s.offset+s.size)
		at, _ := slices.BinarySearchFunc(placed, s.offset, func(p *slot, offset int) int {
			return cmp.Compare(p.offset, offset)
		})
		placed = slices.Insert(placed, at, s)
	}
	return size
}

// tightestGap returns the offset of the smallest gap that s fits into, among the placed slots that
// are alive at the same time.
func tightestGap(placed []*slot, s *slot) int {
	best, room := -1, 0
	end := 0
	for _, p := range placed {
		if p.last < s.first || s.last < p.first {
			continue
		}
		gap := p.offset - end
		if gap >= s.size && (best < 0 || gap < room) {
			best, room = end, gap
		}
		end = max(end, p.offset+p.size)
	}
	if best >= 0 {
		return best
	}
	return end
}
