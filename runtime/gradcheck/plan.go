package gradcheck

import (
	"fmt"
	"math"
	"slices"

	"github.com/gradc/gradc/runtime/philox"
	"github.com/gradc/gradc/runtime/trainer"
)

// segmentsAtMost are those of one group.
const segmentsAtMost = 8

// segments plans the segments of each group of tensors: as many as there are passes for. A group is
// one tensor unless there are too few.
func (c *checker) segments(tensors []trainer.Tensor) []*group {
	const passesEach = 5
	if len(tensors) == 0 {
		return nil
	}
	affordable := max(1, (int(c.left)-c.repeats())/passesEach)
	atLeast, together := min(2, affordable), 1
	for (len(tensors)+together-1)/together*atLeast > affordable {
		together++
	}
	count := min(segmentsAtMost, max(atLeast, affordable/len(tensors)))
	var groups []*group
	for first := 0; first < len(tensors); first += together {
		group := tensors[first:min(first+together, len(tensors))]
		if together > 1 {
			count = atLeast
		}
		groups = append(groups, c.newGroup(group, first, count))
	}
	return groups
}

// newGroup plans some segments: uphill, to all sides, of the element of the largest gradient, of a
// random element, and the same again. Only of one tensor there are more than two.
func (c *checker) newGroup(tensors []trainer.Tensor, first, count int) *group {
	name := tensors[0].Name
	if len(tensors) > 1 {
		name += " to " + tensors[len(tensors)-1].Name
	}
	g := &group{name: name}
	for k := range count {
		s := &segment{tolerance: largeTolerance}
		stream := random(first, 2+k)
		switch k % 4 {
		case 0:
			s.what, s.tolerance = name+" uphill", smallTolerance
			for _, t := range tensors {
				s.parts = append(s.parts, c.uphill(t, &stream))
			}
		case 1:
			s.what = name + " to all sides"
			for _, t := range tensors {
				s.parts = append(s.parts, c.sideways(t, &stream))
			}
		default:
			i := largest(c.slope[tensors[0].Offset:][:tensors[0].Len()])
			if k > 2 {
				i = stream.IntN(tensors[0].Len())
			}
			s.what = fmt.Sprintf("%s element %d", name, i)
			s.parts = append(s.parts, c.element(tensors[0], i))
		}
		s.jumping = slices.ContainsFunc(tensors, c.jumps)
		g.segments = append(g.segments, s)
	}
	return g
}

// jumps reports whether the loss jumps along a tensor.
func (c *checker) jumps(t trainer.Tensor) bool { return slices.Contains(c.Jumps, t.Name) }

// steepestJump is how much the loss changes, about, if all elements of a tensor along which it jumps
// move by their root mean square: the most of any.
func (c *checker) steepestJump() float64 {
	most := 0.0
	for _, t := range c.Tensors {
		if c.jumps(t) {
			slope := rms(c.slope[t.Offset:][:t.Len()]) * math.Sqrt(float64(t.Len()))
			most = max(most, slope*rms(c.start[t.Offset:][:t.Len()]))
		}
	}
	return most
}

// disturb moves tensors whose elements are all alike, as biases, batch norms and layers that begin
// with zeros are: the gradients of what lies before such a layer are zero, and faults would not show.
func disturb(params []float32, tensors []trainer.Tensor) {
	for k, t := range tensors {
		part := params[t.Offset:][:t.Len()]
		if !alike(part) {
			continue
		}
		deviation := 0.2
		if len(t.Shape) > 1 { // weights, with which outputs are about as large as inputs
			deviation = 1 / math.Sqrt(float64(t.Len()/t.Shape[0]))
		}
		stream := random(k, 0)
		for i := range part {
			part[i] += float32(deviation * stream.Normal())
		}
	}
}

func alike(part []float32) bool {
	for _, v := range part {
		if v != part[0] {
			return false
		}
	}
	return true
}

// random is a stream of random numbers of an object, for one use.
func random(index, use int) philox.Stream {
	return philox.Key{Seed: 1, Purpose: philox.Data}.Stream(uint32(index), uint32(use))
}

// largest returns the element of the largest size.
func largest(list []float32) int {
	found := 0
	for i, v := range list {
		if math.Abs(float64(v)) > math.Abs(float64(list[found])) {
			found = i
		}
	}
	return found
}

// meanSize is the mean of |x|.
func meanSize(list []float32) float64 {
	sum := 0.0
	for _, v := range list {
		sum += math.Abs(float64(v))
	}
	return sum / float64(len(list))
}

// rms is the root of the mean of x².
func rms(list []float32) float64 {
	sum := 0.0
	for _, v := range list {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(len(list)))
}
