package goasm

import (
	"math"

	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
	"github.com/gradc/gradc/runtime/f32"
)

// reference runs elementwise loops plainly: what plan.Function says, element by element.
type reference struct {
	l      plan.Function
	args   [][]float32 // by parameter
	counts []int       // by axis
	sums   [][]float64 // by accumulator and lane
	index  []int
}

// runReference changes args as the function of l does.
func runReference(l plan.Function, args [][]float32, counts []int) {
	r := &reference{l: l, args: args, counts: counts, sums: make([][]float64, len(l.Sums)),
		index: make([]int, len(l.Axes))}
	for _, o := range l.Outs {
		r.border(o)
	}
	for i, s := range l.Sums {
		if s.Level < 0 {
			r.sums[i] = r.load(s)
		}
	}
	r.nest(0)
	for i, s := range l.Sums {
		if s.Level < 0 {
			r.store(s, r.sums[i])
		}
	}
	if l.Axes[len(l.Axes)-1].Lanes {
		r.padding()
	}
}

// anything is a NaN that stands for any contents.
const anything = 0x7fd12345

// padding says that the lanes behind those that there are may hold anything after the call.
func (r *reference) padding() {
	last := len(r.counts) - 1
	var mark func(t plan.View, i, at int)
	mark = func(t plan.View, i, at int) {
		if i < last {
			for k := range r.counts[i] {
				mark(t, i+1, at+k*t.Stride[i])
			}
			return
		}
		for lane := r.counts[last]; lane < Lanes; lane++ {
			r.args[t.Param][at+lane] = math.Float32frombits(anything)
		}
	}
	for _, o := range r.l.Outs {
		if o.Padded {
			mark(o.View, 0, o.Base)
		}
	}
	for _, s := range r.l.Sums {
		if s.Level < 0 {
			numbers := len(r.args[s.Param]) / Lanes
			for i := r.counts[last] * numbers; i < Lanes*numbers; i++ {
				r.args[s.Param][i] = math.Float32frombits(anything)
			}
		}
	}
	for _, f := range r.l.Folds {
		for _, t := range f.Targets {
			if t.Padded {
				mark(t, 0, t.Base)
			}
		}
	}
}

// border writes zeros around a plane.
func (r *reference) border(o plan.FunctionOut) {
	b := o.Border
	for row := range b.Rows + 2*b.Top {
		for column := range b.Columns + 2*b.Left {
			inside := b.Top <= row && row < b.Top+b.Rows && b.Left <= column &&
				column < b.Left+b.Columns
			at := (row*(b.Columns+2*b.Left) + column) * b.Lanes
			for lane := range b.Lanes {
				if !inside {
					r.args[o.Param][at+lane] = 0
				}
			}
		}
	}
}

// load reads an accumulator of the caller, whose numbers of float64 lie in two float32 each.
func (r *reference) load(s plan.Sum) []float64 {
	from := r.args[s.Param]
	values := make([]float64, 16)
	for i := range values {
		if s.Kind == plan.Largest {
			values[i] = float64(from[i])
			continue
		}
		low, high := math.Float32bits(from[2*i]), math.Float32bits(from[2*i+1])
		values[i] = math.Float64frombits(uint64(low) | uint64(high)<<32)
	}
	return values
}

func (r *reference) store(s plan.Sum, values []float64) {
	to := r.args[s.Param]
	for i, v := range values {
		if s.Kind == plan.Largest {
			to[i] = float32(v)
			continue
		}
		bits := math.Float64bits(v)
		to[2*i] = math.Float32frombits(uint32(bits))
		to[2*i+1] = math.Float32frombits(uint32(bits >> 32))
		if math.IsNaN(v) {
			to[2*i] = math.Float32frombits(anything)
		}
	}
}

// nest runs the loops from axis i on.
func (r *reference) nest(i int) {
	if i == len(r.counts) {
		r.element()
		return
	}
	for k, s := range r.l.Sums {
		if s.Level == i {
			r.sums[k] = make([]float64, 16)
			for lane := range r.sums[k] {
				if s.Kind == plan.Largest {
					r.sums[k][lane] = math.Inf(-1)
				}
			}
		}
	}
	for r.index[i] = 0; r.index[i] < r.counts[i]; r.index[i]++ {
		r.nest(i + 1)
	}
	r.index[i] = 0
	for _, f := range r.l.Folds {
		if r.l.Sums[f.Sum].Level == i {
			for lane := range r.counts[len(r.counts)-1] {
				r.index[len(r.index)-1] = lane
				r.fold(f, lane)
			}
			r.index[len(r.index)-1] = 0
		}
	}
}

// at returns the element of a tensor.
func (r *reference) at(t plan.View) *float32 {
	offset := t.Base
	for i, stride := range t.Stride {
		offset += r.index[i] * stride
	}
	return &r.args[t.Param][offset]
}

func (r *reference) element() {
	values := make([]float32, len(r.l.Line.Code))
	for k, in := range r.l.Line.Code {
		values[k] = r.compute(in, values)
	}
	lane := r.index[len(r.index)-1]
	for i, s := range r.l.Sums {
		switch v := float64(values[s.Instr]); s.Kind {
		case plan.Total:
			r.sums[i][lane] += v
		case plan.Squares:
			r.sums[i][lane] += v * v
		case plan.Largest:
			r.sums[i][lane] = max(r.sums[i][lane], v)
		}
	}
	for _, o := range r.l.Outs {
		*r.at(o.View) = values[o.Instr]
	}
}

func (r *reference) fold(f plan.FunctionFold, lane int) {
	total, n := r.sums[f.Sum][lane], float64(f.Count)
	if f.Counted {
		n *= float64(r.counts[0])
	}
	switch {
	case f.Fold == "max" || f.Fold == "sum" || f.Fold == "mean" && f.Partial:
		*r.at(f.Targets[0]) = float32(total)
	case f.Fold == "mean":
		*r.at(f.Targets[0]) = float32(total / n)
	default:
		mean := total / n
		spread := max(0, r.sums[f.Squares][lane]-float64(total*mean))
		if f.Partial {
			*r.at(f.Targets[0]) = float32(mean)
			*r.at(f.Targets[1]) = float32(spread)
		} else {
			*r.at(f.Targets[0]) = float32(spread / n)
		}
	}
}

func (r *reference) compute(in scalar.Instr, values []float32) float32 {
	var a [3]float32
	for i := range in.Op.Arity() {
		a[i] = values[in.Args[i]]
	}
	truth := map[bool]float32{true: 1}
	switch in.Op {
	case scalar.Const:
		return float32(in.Value) + 0 // Go's constants know no negative zero
	case scalar.In:
		t := r.l.Args[in.Index]
		if r.l.Params[t.Param] == "[]int32" {
			return float32(int32(math.Float32bits(*r.at(t))))
		}
		return *r.at(t)
	case scalar.Neg:
		return -a[0]
	case scalar.Exp:
		return f32.Exp(a[0])
	case scalar.Expm1:
		return f32.Expm1(a[0])
	case scalar.Log:
		return f32.Log(a[0])
	case scalar.Log1p:
		return f32.Log1p(a[0])
	case scalar.Sqrt:
		return f32.Sqrt(a[0])
	case scalar.Rsqrt:
		return f32.Rsqrt(a[0])
	case scalar.Add:
		return a[0] + a[1]
	case scalar.Sub:
		return a[0] - a[1]
	case scalar.Mul:
		return a[0] * a[1]
	case scalar.Div:
		return a[0] / a[1]
	case scalar.Min:
		return min(a[0], a[1])
	case scalar.Max:
		return max(a[0], a[1])
	case scalar.Less:
		return truth[a[0] < a[1]]
	case scalar.LessEq:
		return truth[a[0] <= a[1]]
	case scalar.Equal:
		return truth[a[0] == a[1]]
	case scalar.Select:
		return f32.Select(a[0] != 0, a[1], a[2])
	}
	panic("no reference of the primitive " + in.Op.String())
}
