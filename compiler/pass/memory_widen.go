package pass

import (
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// widen gives arguments of loops the border of a result where that lets the result take their
// place and lowers the peak: the gradient of a convolution's result needs a border, the value
// that it is computed from and that is not needed any more has none.
//
// A border makes the argument larger as long as it lives. Less is alive only in the step where the
// result takes its place, so that this must be the only one at the peak.
func widen(p *plan.Program, infer bool) {
	steps := p.Steps(infer)
	buffers := lifetimes(p, infer)
	for lowerPeak(p, steps, buffers) {
	}
}

// lowerPeak widens an argument if that lowers the peak, and reports whether it did.
func lowerPeak(p *plan.Program, steps []*plan.Step, buffers []*plan.Buffer) bool {
	least, at, only := peak(slotsOf(p, steps, buffers))
	if !only || at >= len(steps) {
		return false
	}
	for _, w := range widenable(steps, steps[at], at) {
		before := w.argument.Type.Layout.Halo
		w.set(steps, w.result.Type.Layout.Halo)
		if alive, _, _ := peak(slotsOf(p, steps, buffers)); alive < least {
			return true
		}
		w.set(steps, before)
	}
	return false
}

// widening is an argument that may get the border of a result.
type widening struct {
	argument, result plan.Operand
}

// widenable returns the arguments of step i that could be replaced by a result but for the border.
func widenable(steps []*plan.Step, s *plan.Step, i int) []widening {
	var list []widening
	if s.Kernel != nil {
		return nil
	}
	for _, o := range s.Loop.Outs {
		for _, a := range s.Loop.Args {
			if o.Fold == "" && o.Buffer.Space == plan.Arena && a.Buffer.Space == plan.Arena &&
				a.Buffer.Last == i && !a.Type.Equal(o.Type) && fits(o.Type.Layout, a.Type.Layout) &&
				slices.Equal(a.Type.Shape, o.Type.Shape) && oneType(steps, a) &&
				wholePixels(steps, a) {
				list = append(list, widening{a, o.Operand})
			}
		}
	}
	return list
}

// oneType reports whether all uses of the operand's buffer are of the operand's type.
func oneType(steps []*plan.Step, o plan.Operand) bool {
	return !slices.ContainsFunc(steps, func(s *plan.Step) bool {
		return slices.ContainsFunc(append(s.Reads(), s.Writes()...), func(other plan.Operand) bool {
			return other.Buffer == o.Buffer && !other.Type.Equal(o.Type)
		})
	})
}

// wholePixels reports whether the tasks that store an operand have all elements of a pixel.
func wholePixels(steps []*plan.Step, o plan.Operand) bool {
	return !slices.ContainsFunc(steps, func(s *plan.Step) bool {
		stores := slices.ContainsFunc(s.Writes(), func(w plan.Operand) bool { return w.Buffer == o.Buffer })
		return stores && (s.Cuts[0].Pieces > 1 && plan.WithinPixel(o.Type, 0) ||
			s.Cuts[1].Pieces > 1 && plan.WithinPixel(o.Type, 1))
	})
}

// set gives the argument a border, wherever it is used.
func (w *widening) set(steps []*plan.Step, halo [2]int) {
	b := w.argument.Buffer
	for _, s := range steps {
		for o := range operands(s) {
			own := o.Buffer == nil && s.Kernel.Out.Buffer == b // read by the epilogue
			if o.Buffer == b || own {
				o.Type.Layout.Halo = halo
				b.Size = o.Type.Bytes()
			}
		}
		for _, v := range s.Values {
			if v.Name == b.Name && v.Op.Kind != ir.Source {
				v.Type.Layout.Halo = halo
			}
		}
	}
}

// operands ranges over all operands of a step, to change them.
func operands(s *plan.Step) func(yield func(*plan.Operand) bool) {
	return func(yield func(*plan.Operand) bool) {
		if k := s.Kernel; k != nil {
			for i := range k.Args {
				if !yield(&k.Args[i]) {
					return
				}
			}
			if k.Out.Buffer != nil && !yield(&k.Out) {
				return
			}
		}
		if l := s.Loop; l != nil {
			for i := range l.Args {
				if !yield(&l.Args[i]) {
					return
				}
			}
			for i := range l.Outs {
				if !yield(&l.Outs[i].Operand) {
					return
				}
			}
		}
	}
}
