package planexec

import (
	"fmt"
	"math"

	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
)

// run is a nest under way, in one task.
type run struct {
	*plan.Nest
	machine *Machine
	piece   [2]int
	own     memory // the task's own

	at, first []int // the iteration of each axis, and the first one of the task
	sums      []sums
	env       scalar.Env
	values    []float64
	err       error // of an element outside of its tensor's memory
}

// sums are the elements of an accumulator, and how many numbers each of them holds.
type sums struct{ total, n []float64 }

func newRun(m *Machine, n *plan.Nest, piece [2]int, own memory) *run {
	r := &run{Nest: n, machine: m, piece: piece, own: own, at: make([]int, len(n.Axes)),
		first: make([]int, len(n.Axes)), sums: make([]sums, len(n.Sums)),
		values: make([]float64, len(n.Line.Code)),
		env:    scalar.Env{In: make([]float64, len(n.Args)), Coord: make([]int, len(n.Domain))}}
	r.env.Rand = func(site int) float64 { return m.Rand(site, r.offset(n.Index, r.at)) }
	return r
}

// runNest runs the nest of a step in one task.
func (m *Machine) runNest(n *plan.Nest, piece [2]int, own memory) error {
	r := newRun(m, n, piece, own)
	r.axis(0)
	return r.err
}

// axis runs the loops from axis i on.
func (r *run) axis(i int) {
	if i == r.Outer {
		r.clearBorders()
	}
	r.open(i)
	if i == len(r.Axes) {
		r.element()
	} else {
		from, to := r.span(i)
		r.first[i] = from
		for r.at[i] = from; r.at[i] < to; r.at[i]++ {
			r.axis(i + 1)
		}
		r.at[i] = from
	}
	r.close(i)
}

// span returns the iterations of axis i: those of the task's piece, and of a block of lanes as many
// as there are.
func (r *run) span(i int) (from, to int) {
	a := &r.Axes[i]
	if a.Pieces() > 1 {
		return a.Span(r.piece[a.Of()])
	}
	to = a.Size()
	if !a.Ragged {
		return 0, to
	}
	for k := range i {
		if b := &r.Axes[k]; b.Of() == a.Of() && b.Part() == plan.OverBlocks {
			to = min(to, a.Full-r.at[k]*a.Lanes())
		}
	}
	return 0, to
}

// offset returns what an access adds up for some iterations.
func (r *run) offset(a *plan.Access, at []int) int {
	sum := a.Base
	for i, stride := range a.Stride {
		sum += at[i] * stride
	}
	return sum
}

// local returns the iterations counted from the task's first.
func (r *run) local() []int {
	at := make([]int, len(r.at))
	for i := range at {
		at[i] = r.at[i] - r.first[i]
	}
	return at
}

// place returns the memory that a tensor lies in, and which of its elements the iterations see.
func (r *run) place(t *plan.Tensor) (m memory, at int) {
	if t.Own {
		m, at = r.own, r.offset(&t.Access, r.local())
	} else {
		m, at = r.machine.of(t.Buffer), r.offset(&t.Access, r.at)+r.piece[0]*t.Piece
	}
	if n := len(m) / (scale * t.Type.Stored().Bytes()); at < 0 || at >= n {
		r.err = fmt.Errorf("%s: element %d of %d", t.Name, at, n)
		return newMemory(t.Type.Stored().Bytes()), 0
	}
	return m, at
}

// load returns the element of a tensor.
func (r *run) load(t *plan.Tensor) float64 {
	m, at := r.place(t)
	return m.load(t.Type.Stored(), at)
}

// store sets the element of a tensor, rounded to the type in which it is stored.
func (r *run) store(t *plan.Tensor, v float64) {
	m, at := r.place(t)
	if !r.machine.Exact {
		v = round(t.Type.Stored(), v)
	}
	m.store(t.Type.Stored(), at, v)
}

// clearBorders sets the borders to zeros around the planes that are stored next.
func (r *run) clearBorders() {
	for i := range r.Outs {
		o := &r.Outs[i]
		if o.Border() == [2]int{} {
			continue
		}
		at := make([]int, len(r.at))
		copy(at[:r.Outer], r.at)
		begin := r.offset(&o.Access, at) - o.Lead
		h, w, lanes := o.Type.Shape[2], o.Type.Shape[3], plan.LanesOf(o.Type)
		top, left := o.Border()[0], o.Border()[1]
		for k := range (h + 2*top) * (w + 2*left) * lanes {
			row, col := k/((w+2*left)*lanes), k/lanes%(w+2*left)
			if row < top || row >= top+h || col < left || col >= left+w {
				r.machine.of(o.Buffer).store(o.Type.Stored(), begin+k, 0)
			}
		}
	}
}

// element computes one element: it reads all arguments, then stores results and adds to sums.
func (r *run) element() {
	for i := range r.Args {
		r.env.In[i] = r.load(&r.Args[i])
	}
	for axis, c := range r.Coords {
		if c != nil {
			r.env.Coord[axis] = r.offset(c, r.at)
		}
	}
	r.Line.Eval(&r.env, r.values)
	for i := range r.Outs {
		r.store(&r.Outs[i].Tensor, r.values[r.Outs[i].Instr])
	}
	for i, s := range r.Sums {
		r.add(i, &s, r.values[s.Instr])
	}
}

// open empties the accumulators of a level.
func (r *run) open(level int) {
	for i, s := range r.Sums {
		if s.Level != level {
			continue
		}
		r.sums[i] = sums{make([]float64, s.Size), make([]float64, s.Size)}
		for k := range s.Size {
			if s.Kind == plan.Largest {
				r.sums[i].total[k] = math.Inf(-1)
			}
		}
	}
}

// number returns which element of an accumulator the iterations see.
func (r *run) number(s *plan.Sum) int { return r.offset(&plan.Access{Stride: s.Stride}, r.local()) }

func (r *run) add(i int, s *plan.Sum, v float64) {
	k := r.number(s)
	r.sums[i].n[k]++
	switch total := &r.sums[i].total[k]; s.Kind {
	case plan.Total:
		*total += v
	case plan.Squares:
		*total += v * v
	case plan.Largest:
		*total = math.Max(*total, v)
	}
}

// close stores the results of the folds whose sums are of a level.
func (r *run) close(level int) {
	for i := range r.Folds {
		if f := &r.Folds[i]; f.Level == level {
			r.fold(f, r.Kept(f))
		}
	}
}

// fold stores the results of a fold for all iterations of the axes that it keeps.
func (r *run) fold(f *plan.Fold, kept []int) {
	if len(kept) == 0 {
		r.storeFold(f)
		return
	}
	from, to := r.span(kept[0])
	r.first[kept[0]] = from
	for r.at[kept[0]] = from; r.at[kept[0]] < to; r.at[kept[0]]++ {
		r.fold(f, kept[1:])
	}
	r.at[kept[0]] = from
}

// storeFold stores what plan.Fold makes of the sums.
func (r *run) storeFold(f *plan.Fold) {
	of := func(sum int) (total, n float64) {
		k := r.number(&r.Sums[sum])
		return r.sums[sum].total[k], r.sums[sum].n[k]
	}
	total, n := of(f.Sum)
	switch {
	case f.Fold == "mean" && !f.Partial:
		total /= n
	case f.Fold == "var":
		squares, _ := of(f.Squares)
		mean, spread := total/n, max(0, squares-total*(total/n))
		total = spread / n
		if f.Partial {
			total = mean
			r.store(&f.Targets[1], spread)
		}
	}
	r.store(&f.Targets[0], total)
}
