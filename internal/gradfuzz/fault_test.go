package gradfuzz_test

import (
	"maps"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
)

// fault is a mistake in the gradients of an operation, or in the plan.
type fault struct {
	op, name string
	grad     rule
	plan     func(p *plan.Program) (done bool) // instead
}

// rule is a gradient rule with a mistake.
type rule func(u *use) []*ir.Value

// use is a use of an operation whose gradients are asked for.
type use struct {
	*ir.Builder
	y, dy *ir.Value
	right []*ir.Value        // the gradients by the operation's own rule
	seen  map[*ir.Value]bool // arguments of uses behind this one
}

// faults are what emitted tests have to report.
func faults() []fault {
	return slices.Concat([]fault{
		{op: "conv2d", name: "weights times 0.98", grad: times(1, 0.98)},
		{op: "conv2d", name: "images times 0.98", grad: times(0, 0.98)},
		{op: "conv2d", name: "images negative", grad: times(0, -1)},
		{op: "conv2d", name: "weights one element on", grad: oneOn(1)},
		{op: "conv2d", name: "images one element on", grad: oneOn(0)},
		{op: "conv2d", name: "weights without the first kernel",
			grad: body(1, "select(i0 == 0, 0, x0)")},
		{op: "conv2d", name: "weights of the last use alone", grad: lastUse(1)},
		{op: "matmul", name: "weights times 0.98", grad: times(1, 0.98)},
		{op: "matmul", name: "weights negative", grad: times(1, -1)},
		{op: "matmul", name: "weights one element on", grad: oneOn(1)},
		{op: "matmul", name: "input without the first feature",
			grad: body(0, "select(i1 == 0, 0, x0)")},
		{op: "matmul", name: "input times 0.98", grad: times(0, 0.98)},
		{op: "bias", name: "mean for sum", grad: biasMean},
		{op: "bias", name: "one element on", grad: biasOneOn},
		{op: "add", name: "second term missing", grad: times(1, 0)},
		{op: "mul", name: "factors exchanged", grad: exchanged},
		{op: "dropout", name: "another mask", grad: anotherMask},
		{op: "dropout", name: "not scaled", grad: notScaled},
		{op: "max_pool2d", name: "mean for maximum", grad: meanForMaximum},
		{op: "max_pool2d", name: "times 0.98", grad: times(0, 0.98)},
		{op: "avg_pool2d", name: "sum for mean", grad: sumForMean},
		{op: "global_avg_pool", name: "times 0.98", grad: globalMean(0.98)},
		{op: "cross_entropy", name: "one class on", grad: oneOn(0)},
		{op: "cross_entropy", name: "times 0.98", grad: times(0, 0.98)},
		{op: "focal_loss", name: "times 0.98", grad: times(0, 0.98)},
	}, activationFaults(), normFaults(), planFaults())
}

func activationFaults() []fault {
	return []fault{
		{op: "relu", name: "no mask", grad: passed},
		{op: "relu", name: "times 0.98", grad: times(0, 0.98)},
		{op: "leaky_relu", name: "negative side missing", grad: negativeSideMissing},
		{op: "sigmoid", name: "factor 1 - y missing", grad: func(u *use) []*ir.Value {
			return []*ir.Value{u.elementwise("x0*x1", u.y, u.dy)}
		}},
		{op: "softplus", name: "negative", grad: times(0, -1)},
		{op: "selu", name: "times 0.98", grad: times(0, 0.98)},
	}
}

func normFaults() []fault {
	return []fault{
		{op: "batch_norm", name: "mean of dy missing", grad: normInput("x0*(x1 - (x3 - x4)*x5)")},
		{op: "batch_norm", name: "slope of dy missing", grad: normInput("x0*(x1 - x2)")},
		{op: "batch_norm", name: "times 0.98", grad: times(0, 0.98)},
		{op: "batch_norm", name: "statistics of the run", grad: runningStatistics},
		{op: "batch_norm", name: "bias negative", grad: affine(times(2, -1))},
		{op: "batch_norm", name: "weight times 0.98", grad: affine(times(1, 0.98))},
	}
}

// seed makes the fault part of a table of operations.
func (f *fault) seed(ops ir.Table) ir.Table {
	if f.grad == nil {
		return ops
	}
	ops = maps.Clone(ops)
	changed := *ops[f.op]
	own := changed.Grad
	seen := map[*ir.Value]bool{}
	changed.Grad = func(b *ir.Builder, y, dy *ir.Value) []*ir.Value {
		u := &use{Builder: b, y: y, dy: dy, seen: seen}
		switch {
		case own != nil:
			u.right = own(b, y, dy)
		case y.Op.Kind == ir.Map:
			u.right = op.MapGrad(b, y, dy)
		}
		grads := f.grad(u)
		for _, x := range y.Args {
			seen[x] = true
		}
		return grads
	}
	ops[f.op] = &changed
	return ops
}

// elementwise appends an expression over the shape of the first argument.
func (u *use) elementwise(text string, args ...*ir.Value) *ir.Value {
	return u.Map("fault", args[0].Type.Shape, scalar.MustParse(text), args...)
}

// change returns the right gradients with an expression x0 of one of them.
func (u *use) change(arg int, e *scalar.Expr) []*ir.Value {
	if dx := u.right[arg]; dx != nil {
		u.right[arg] = u.Map("fault", dx.Type.Shape, e, dx)
	}
	return u.right
}

func body(arg int, text string) rule {
	return func(u *use) []*ir.Value { return u.change(arg, scalar.MustParse(text)) }
}

func times(arg int, factor float64) rule {
	return func(u *use) []*ir.Value {
		return u.change(arg, scalar.Product(scalar.C(factor), scalar.X(0)))
	}
}

// oneOn moves all elements of each row by one.
func oneOn(arg int) rule {
	return func(u *use) []*ir.Value {
		if u.right[arg] != nil {
			u.right[arg] = u.moved(u.right[arg])
		}
		return u.right
	}
}

// moved multiplies rows with the matrix that has ones beside its diagonal.
func (u *use) moved(x *ir.Value) *ir.Value {
	shape := x.Type.Shape
	rows, columns := shape[0], shape[1:].Elements()
	if len(shape) == 1 {
		rows, columns = 1, shape[0]
	}
	beside := u.Map("fault.beside", ir.Shape{columns, columns},
		scalar.MustParse("select(i0 == i1 - 1, 1, 0)"))
	flat := u.Reshape("fault.flat", x, rows, columns)
	return u.Reshape("fault", u.Apply("fault.moved", "matmul", []*ir.Value{flat, beside},
		ir.Attrs{"trans_a": false, "trans_b": false}), shape...)
}

// lastUse leaves a value the gradient of its last use alone.
func lastUse(arg int) rule {
	return func(u *use) []*ir.Value {
		if u.seen[u.y.Args[arg]] {
			return times(arg, 0)(u)
		}
		return u.right
	}
}

func passed(u *use) []*ir.Value { return []*ir.Value{u.dy} }

func exchanged(u *use) []*ir.Value {
	x, z := u.y.Args[0], u.y.Args[1]
	if slices.Equal(x.Type.Shape, z.Type.Shape) {
		return []*ir.Value{u.elementwise("x0*x1", u.dy, x), u.elementwise("x0*x1", u.dy, z)}
	}
	return times(0, -1)(u) // of factors that repeat
}

func negativeSideMissing(u *use) []*ir.Value {
	return []*ir.Value{u.elementwise("select(0 < x1, x0, 0)", u.dy, u.y.Args[0])}
}
