package planexec

import (
	"math"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
)

// step runs the tasks of a step, then combines their partial results.
//
// A kernel's result is computed at once, by its reference, and handed out to the tasks. Where the
// kernel is split, there is one partial result instead of many.
func (m *Machine) step(s *plan.Step) error {
	if s.Partial != nil {
		m.fill(s.Partial, math.NaN()) // whatever is needed lies elsewhere
	}
	var result ir.Tensor
	if s.Kernel != nil {
		var err error
		if result, err = m.kernel(s.Kernel); err != nil {
			return err
		}
	}
	var l *loop
	if s.Loop != nil {
		l = m.newLoop(s, result)
	}
	tasks := s.Cuts[0].Pieces * s.Cuts[1].Pieces
	for _, task := range m.Order(tasks) {
		r := piece(s, task)
		if s.Kernel != nil && s.Kernel.Out.Buffer != nil {
			m.store(s.Kernel.Out, r, func(coord []int) float64 {
				return result.Data[index(result.Shape, coord)]
			})
		}
		if l != nil {
			l.run(r, task/s.Cuts[1].Pieces)
		}
	}
	if l != nil {
		l.combine()
	}
	return nil
}

// kernel computes the result of a kernel from what its arguments hold.
func (m *Machine) kernel(k *plan.Kernel) (ir.Tensor, error) {
	out := ir.NewTensor(k.Out.Type.Shape)
	in := make([]ir.Tensor, len(k.Args))
	for i, a := range k.Args {
		if err := m.tensor(a).checkBorder(a.Name); err != nil {
			return out, err
		}
		in[i] = m.Read(a)
	}
	k.Op.Ref(out, in, k.Attrs)
	return out, nil
}

// store writes a region of a tensor, and zeros into the border around its planes.
func (m *Machine) store(o plan.Operand, r region, value func(coord []int) float64) {
	x := m.tensor(o)
	x.eachBorder(r, func(v *float64) { *v = 0 })
	each(r, func(coord []int) { *x.at(coord) = value(coord) })
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

// loop is a loop under way.
type loop struct {
	machine *Machine
	step    *plan.Step
	kernel  ir.Tensor // the result that an epilogue reads
	line    scalar.Line
	folds   [][][]moments // by result, piece of axis 0 and element
}

// moments describes the numbers that were folded so far.
type moments struct {
	n, sum, mean, squares, max float64
}

func (m *Machine) newLoop(s *plan.Step, kernel ir.Tensor) *loop {
	l := &loop{machine: m, step: s, kernel: kernel}
	exprs := make([]*scalar.Expr, len(s.Loop.Outs))
	l.folds = make([][][]moments, len(s.Loop.Outs))
	for k, o := range s.Loop.Outs {
		exprs[k] = o.Expr
		if o.Fold != "" {
			l.folds[k] = make([][]moments, s.Cuts[0].Pieces)
			for i := range l.folds[k] {
				l.folds[k][i] = make([]moments, o.Type.Shape.Elements())
			}
		}
	}
	l.line = scalar.Linearize(exprs...)
	return l
}

// run computes the elements of a region, which belongs to a piece of axis 0.
func (l *loop) run(r region, piece int) {
	domain, outs := l.step.Loop.Domain.Shape, l.step.Loop.Outs
	stores := make([]tensor, len(outs))
	for k, o := range outs {
		if o.Fold == "" {
			stores[k] = l.machine.tensor(o.Operand)
		}
	}
	values := make([]float64, len(l.line.Code))
	env := scalar.Env{In: make([]float64, len(l.step.Loop.Args))}
	each(r, func(coord []int) {
		env.Coord = coord
		env.Rand = func(site int) float64 { return l.machine.Rand(site, index(domain, coord)) }
		for i, a := range l.step.Loop.Args {
			env.In[i] = l.argument(a, coord)
		}
		l.line.Eval(&env, values)
		for k, o := range outs {
			v := values[l.line.Result[k]]
			if o.Fold == "" {
				*stores[k].at(coord) = v
			} else {
				l.folds[k][piece][index(o.Type.Shape, coord)].add(v)
			}
		}
	})
	for k, o := range outs { // behind the elements: a border may replace an argument's
		if o.Fold == "" {
			stores[k].eachBorder(r, func(v *float64) { *v = 0 })
		}
	}
}

func (l *loop) argument(a plan.Operand, coord []int) float64 {
	if a.Buffer == nil {
		return l.kernel.Data[index(l.kernel.Shape, coord)]
	}
	return *l.machine.tensor(a).at(coord)
}

// add folds one more number (Welford, 1962).
func (f *moments) add(v float64) {
	if f.n == 0 {
		f.max = math.Inf(-1)
	}
	f.n++
	f.sum += v
	d := v - f.mean
	f.mean += d / f.n
	f.squares += d * (v - f.mean)
	f.max = math.Max(f.max, v)
}

// join folds the numbers of g too (Chan, Golub and LeVeque, 1979).
func (f *moments) join(g moments) {
	if f.n == 0 || g.n == 0 {
		if f.n == 0 {
			*f = g
		}
		return
	}
	n := f.n + g.n
	d := g.mean - f.mean
	f.squares += g.squares + d*d*f.n*g.n/n
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
		return f.squares / f.n
	case "max":
		return f.max
	}
	panic("planexec: unknown fold " + fold)
}

// combine stores the folded results: those of the pieces of axis 0 in order, where the fold runs
// along it; else each piece has made its own elements.
func (l *loop) combine() {
	for k, o := range l.step.Loop.Outs {
		if o.Fold == "" {
			continue
		}
		totals := slices.Clone(l.folds[k][0])
		for _, more := range l.folds[k][1:] {
			for i := range totals {
				totals[i].join(more[i])
			}
		}
		l.machine.store(o.Operand, whole(o.Type.Shape), func(coord []int) float64 {
			return totals[index(o.Type.Shape, coord)].result(o.Fold)
		})
	}
}
