package planexec

import (
	"math"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// step runs the tasks of a step, then the step that combines their partial results.
//
// A kernel's result is computed at once, by its reference, and handed out to the tasks. Where the
// kernel is split, the first partial result is the whole and the others are zeros.
func (m *Machine) step(s *plan.Step) error {
	if s.Partial != nil {
		m.of(s.Partial).poison() // whatever is needed lies elsewhere
	}
	var result ir.Tensor
	if s.Kernel != nil {
		var err error
		if result, err = m.kernel(s.Kernel); err != nil {
			return err
		}
	}
	for _, task := range m.Order(s.Tasks()) {
		if err := m.task(s, task, result); err != nil {
			return err
		}
	}
	for i := range s.Combines {
		m.combine(&s.Combines[i])
	}
	if s.Combine != nil {
		return m.step(s.Combine)
	}
	return nil
}

// task runs one task of a step: its part of the kernel's result, then the nest.
func (m *Machine) task(s *plan.Step, task int, result ir.Tensor) error {
	split, piece := s.Task(task)
	var own memory
	if s.Kernel != nil {
		out, at, r := s.Result(split), region(nil), pieceOf(s, piece)
		if out.Buffer == nil {
			own = newMemory(out.Type.Bytes())
			for i := range r {
				at = append(at, span{r[i].from, r[i].from})
			}
		}
		m.store(out, own, at, r, func(coord []int) float64 {
			if split > 0 {
				return 0
			}
			return result.Data[index(result.Shape, coord)]
		})
	}
	if s.Nest == nil {
		return nil
	}
	return m.runNest(s.Nest, piece, own)
}

// kernel computes the result of a kernel from what its arguments hold.
func (m *Machine) kernel(k *plan.Kernel) (ir.Tensor, error) {
	out := ir.NewTensor(k.Out.Type.Shape)
	in := make([]ir.Tensor, len(k.Args))
	for i, a := range k.Args {
		if err := m.tensor(a, nil).checkBorder(a.Name); err != nil {
			return out, err
		}
		in[i] = m.Read(a)
	}
	k.Op.Ref(out, in, k.Attrs)
	return out, nil
}

// store writes a region of a tensor, and zeros into the border around its planes. An operand without
// a buffer lies in a task's own memory, which begins with the element at the beginning of at.
func (m *Machine) store(
	o plan.Operand, own memory, at, r region, value func(coord []int) float64,
) {
	x := m.tensor(o, own)
	x.clearBorder(r)
	local := make([]int, len(r))
	each(r, func(coord []int) {
		for i := range local {
			local[i] = coord[i]
			if at != nil {
				local[i] -= at[i].from
			}
		}
		x.store(local, value(coord))
	})
}

// index returns the row-major index of an element; along axes of size 1 the coordinate does not
// count.
func index(shape ir.Shape, coord []int) int {
	at := 0
	for axis, d := range shape {
		at *= d
		if d > 1 {
			at += coord[axis]
		}
	}
	return at
}

// combine makes a folded result of the pieces' partial results, in order.
func (m *Machine) combine(c *plan.Combine) {
	parts := m.tensor(c.Parts, nil).data
	elements := c.Out.Type.Shape.Elements()
	part := func(piece, stat, element int) float64 {
		return parts.load(ir.F32, (piece*c.Stats+stat)*elements+element)
	}
	m.store(c.Out, nil, nil, whole(c.Out.Type.Shape), func(coord []int) float64 {
		i := index(c.Out.Type.Shape, coord)
		var f moments
		for piece := range c.Cut.Pieces {
			from, to := c.Cut.Span(piece)
			n := float64((to - from) * c.Each)
			v := part(piece, 0, i)
			g := moments{n: n, sum: v, mean: v, max: v}
			if c.Stats > 1 {
				g.spread = part(piece, 1, i)
			}
			f.join(g)
		}
		return f.result(c.Fold)
	})
}

// moments describes the numbers that were folded so far: how many, their sum or their largest, their
// mean and the sum of the squared deviations from it.
type moments struct{ n, sum, mean, spread, max float64 }

// join folds the numbers of g too (Chan, Golub and LeVeque, 1979).
func (f *moments) join(g moments) {
	if f.n == 0 {
		*f = g
		return
	}
	n := f.n + g.n
	d := g.mean - f.mean
	f.spread += g.spread + d*d*f.n*g.n/n
	f.mean += d * g.n / n
	f.n, f.sum, f.max = n, f.sum+g.sum, math.Max(f.max, g.max)
}

func (f *moments) result(fold string) float64 {
	switch fold {
	case "sum":
		return f.sum
	case "mean":
		return f.sum / f.n
	case "var":
		return f.spread / f.n
	case "max":
		return f.max
	}
	panic("planexec: unknown fold " + fold)
}
