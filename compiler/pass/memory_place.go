package pass

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// The search for a denser placement from each start is bounded by a number of tries, and by how
// often two slots are compared in all of them together.
const (
	mostTries    = 256
	mostCompared = 1 << 26
)

// place gives slots offsets such that none overlaps another that is alive at the same time, and
// returns the size that they take. It places one after the other, each into the tightest gap: the
// largest first, or those that live longest, or what is largest in space and time. As long as that
// takes more than is ever alive, it tries other orders, in which slots that stick out come earlier.
func place(slots []*slot) int {
	bound, _, _ := peak(slots)
	best := -1
	var offsets []int
	for _, weight := range []func(*slot) int{
		func(s *slot) int { return s.size },
		func(s *slot) int { return s.size * (s.last - s.first + 1) },
		func(s *slot) int { return s.last - s.first },
	} {
		queue := slices.Clone(slots)
		slices.SortStableFunc(queue, func(a, b *slot) int { return cmp.Compare(weight(b), weight(a)) })
		if size := search(queue, bound); best < 0 || size < best {
			best, offsets = size, offsetsOf(slots)
		}
		if best == bound {
			break
		}
	}
	for i, s := range slots {
		s.offset = offsets[i]
	}
	return best
}

// search places slots in order, and in orders like it until one takes no more than bound. It
// leaves the best of them and returns the size.
func search(queue []*slot, bound int) int {
	best := placeInOrder(queue)
	random := rand.New(rand.NewPCG(1, 1)) // always the same choices
	tries := min(mostTries, mostCompared/max(1, len(queue)*len(queue)))
	for try := 0; try < tries && best > bound; try++ {
		tried := slices.Clone(queue)
		from := random.IntN(len(tried))
		if try%2 == 0 {
			from = highest(tried)
		}
		s := tried[from]
		tried = slices.Insert(slices.Delete(tried, from, from+1), random.IntN(from+1), s)
		if size := placeInOrder(tried); size <= best {
			best, queue = size, tried
		}
	}
	return placeInOrder(queue)
}

// highest returns the slot that ends last.
func highest(queue []*slot) int {
	top := 0
	for i, s := range queue {
		if s.offset+s.size > queue[top].offset+queue[top].size {
			top = i
		}
	}
	return top
}

func offsetsOf(slots []*slot) []int {
	offsets := make([]int, len(slots))
	for i, s := range slots {
		offsets[i] = s.offset
	}
	return offsets
}

// peak returns the size of the slots that are alive at the fullest moment, the first step in which
// that is so, and whether it is the only one.
func peak(slots []*slot) (size, step int, only bool) {
	end := 0
	for _, s := range slots {
		end = max(end, s.last+1)
	}
	changes := make([]int, end+1)
	for _, s := range slots {
		changes[s.first] += s.size
		changes[s.last+1] -= s.size
	}
	alive := 0
	for i, change := range changes {
		alive += change
		switch {
		case alive > size:
			size, step, only = alive, i, true
		case alive == size:
			only = false
		}
	}
	return size, step, only
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
