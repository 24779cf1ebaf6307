package gradfuzz_test

import (
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
)

// sumOver sums an expression over all axes but 1, and returns it as a vector.
func (u *use) sumOver(how string, x *ir.Value) *ir.Value {
	shape := x.Type.Shape
	axes := []int{0}
	for axis := 2; axis < len(shape); axis++ {
		axes = append(axes, axis)
	}
	return u.Reshape("fault", u.Reduce("fault.sum", shape, how, axes, scalar.X(0), x), shape[1])
}

func biasMean(u *use) []*ir.Value { return []*ir.Value{u.dy, u.sumOver("mean", u.dy)} }

func biasOneOn(u *use) []*ir.Value { return []*ir.Value{u.dy, u.moved(u.sumOver("sum", u.dy))} }

// dropped appends dy where elements are kept, times a factor.
func (u *use) dropped(site int, factor float64) []*ir.Value {
	drop := scalar.Apply(scalar.Less, scalar.RandAt(site), scalar.C(u.y.Attrs.Float("p")))
	kept := scalar.Product(scalar.C(factor), scalar.X(0))
	return []*ir.Value{u.Map("fault", u.dy.Type.Shape, scalar.If(drop, scalar.C(0), kept), u.dy)}
}

func anotherMask(u *use) []*ir.Value {
	return u.dropped(u.y.Attrs.Int("site")+100, 1/(1-u.y.Attrs.Float("p")))
}

func notScaled(u *use) []*ir.Value { return u.dropped(u.y.Attrs.Int("site"), 1) }

func meanForMaximum(u *use) []*ir.Value {
	x := u.y.Args[0]
	attrs := ir.Attrs{"kernel": u.y.Attrs.Ints("kernel"), "stride": u.y.Attrs.Ints("stride"),
		"pad": u.y.Attrs.Ints("pad"), "count_include_pad": true,
		"size": []int{x.Type.Shape[2], x.Type.Shape[3]}}
	return []*ir.Value{u.Apply("fault", "avg_pool2d_dx", []*ir.Value{u.dy}, attrs)}
}

func sumForMean(u *use) []*ir.Value {
	kernel := u.y.Attrs.Ints("kernel")
	return times(0, float64(kernel[0]*kernel[1]))(u)
}

func globalMean(factor float64) rule {
	return func(u *use) []*ir.Value {
		x := u.y.Args[0].Type.Shape
		return []*ir.Value{u.Map("fault", x, scalar.Product(
			scalar.C(factor/float64(x[2]*x[3])), scalar.X(0)), u.dy)}
	}
}

// affine has a rule for batch norms with weight and bias alone.
func affine(r rule) rule {
	return func(u *use) []*ir.Value {
		if !u.y.Attrs.Bool("affine") {
			return u.right
		}
		return r(u)
	}
}

// normInput is the rule of batch norm with an expression for dx of scale, dy, Σ dy/n, x, mean and
// rstd²·Σ dy·(x-mean)/n.
func normInput(text string) rule {
	return func(u *use) []*ir.Value {
		dx := u.right[0]
		u.right[0] = u.Map("fault", dx.Type.Shape, scalar.MustParse(text), dx.Args...)
		return u.right
	}
}

// runningStatistics takes the running variance in place of the batch's.
func runningStatistics(u *use) []*ir.Value {
	dx, scale := u.right[0], u.right[0].Args[0].Type.Shape
	variance := u.Reshape("fault.variance", u.y.Args[len(u.y.Args)-1], scale...)
	args := slices.Clone(dx.Args)
	args[0] = u.Map("fault.scale", scale, scalar.MustParse("rsqrt(x0 + 1e-5)"), variance)
	if u.y.Attrs.Bool("affine") {
		weight := u.Reshape("fault.weight", u.y.Args[1], scale...)
		args[0] = u.Map("fault.scale", scale, scalar.MustParse("x0*x1"), args[0], weight)
	}
	u.right[0] = u.Map("fault", dx.Type.Shape, dx.Body(), args...)
	return u.right
}

// planFaults are mistakes in memory and in steps.
func planFaults() []fault {
	return []fault{
		{op: "memory", name: "activation overwritten", plan: overwritten},
		{op: "memory", name: "weights' gradient left from before", plan: leftOut},
	}
}

// overwritten puts a gradient where an activation lies that is read later.
func overwritten(p *plan.Program) bool {
	for _, a := range p.Buffers {
		for _, g := range p.Buffers {
			if a.Space == plan.Arena && g.Space == plan.Arena && !a.Infer && !g.Infer &&
				a.Kind == plan.Activation && g.Kind == plan.Gradient &&
				a.First < g.First && a.Size >= g.Size && plan.Floats(g.Size) > 1 && enters(p, a, g.First) {
				g.Offset = a.Offset
				return true
			}
		}
	}
	return false
}

// enters reports whether a gradient of a parameter is computed from a buffer behind a step.
func enters(p *plan.Program, b *plan.Buffer, behind int) bool {
	return slices.ContainsFunc(p.Train[min(behind+1, len(p.Train)):], func(s *plan.Step) bool {
		reads := func(o plan.Operand) bool { return o.Buffer == b }
		gradient := func(o plan.Operand) bool { return o.Buffer.Space == plan.Grads }
		return slices.ContainsFunc(s.Reads(), reads) && slices.ContainsFunc(s.Writes(), gradient)
	})
}

// leftOut removes the step that computes the gradient of the last parameter.
func leftOut(p *plan.Program) bool {
	last := -1
	for i, s := range p.Train {
		for _, o := range s.Writes() {
			if o.Buffer.Space == plan.Grads && o.Buffer.Kind != plan.Block {
				last = i
			}
		}
	}
	if last < 0 {
		return false
	}
	p.Train = slices.Delete(slices.Clone(p.Train), last, last+1)
	return true
}
