package scalar

import "math"

// Env is what an expression sees when it is evaluated for one element.
type Env struct {
	In    []float64              // the arguments' elements
	Coord []int                  // the element's coordinates
	Rand  func(site int) float64 // uniform numbers in [0, 1); nil where none are drawn
}

// Eval computes e in float64: the definition that every backend is tested against.
func (e *Expr) Eval(env *Env) float64 {
	switch e.Op {
	case Const:
		return e.Value
	case In:
		return env.In[e.Index]
	case Coord:
		return float64(env.Coord[e.Index])
	case Rand:
		return env.Rand(e.Index)
	case Select:
		if e.Args[0].Eval(env) != 0 {
			return e.Args[1].Eval(env)
		}
		return e.Args[2].Eval(env)
	}
	var v [3]float64
	for i := range e.Op.Arity() {
		v[i] = e.Args[i].Eval(env)
	}
	return compute(e.Op, v)
}

func compute(o Op, v [3]float64) float64 {
	switch o {
	case Neg:
		return -v[0]
	case Exp:
		return math.Exp(v[0])
	case Expm1:
		return math.Expm1(v[0])
	case Log:
		return math.Log(v[0])
	case Log1p:
		return math.Log1p(v[0])
	case Sqrt:
		return math.Sqrt(v[0])
	case Rsqrt:
		return 1 / math.Sqrt(v[0])
	case Add:
		return v[0] + v[1]
	case Sub:
		return v[0] - v[1]
	case Mul:
		return v[0] * v[1]
	case Div:
		return v[0] / v[1]
	case Min:
		return choose(v[0] < v[1], v[0], v[1])
	case Max:
		return choose(v[0] > v[1], v[0], v[1])
	case Less:
		return choose(v[0] < v[1], 1, 0)
	case LessEq:
		return choose(v[0] <= v[1], 1, 0)
	case Equal:
		return choose(v[0] == v[1], 1, 0)
	case Select:
		return choose(v[0] != 0, v[1], v[2])
	}
	panic("scalar: " + o.String() + " is not computed from arguments")
}

func choose(cond bool, a, b float64) float64 {
	if cond {
		return a
	}
	return b
}
