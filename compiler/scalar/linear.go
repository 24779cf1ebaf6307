package scalar

import "fmt"

// Instr is one primitive in a straight line of them. Its arguments are the numbers of earlier
// instructions.
type Instr struct {
	Op    Op
	Value float64
	Index int
	Args  [3]int
}

// Line is a set of expressions in the order in which a machine computes them: every distinct
// subexpression once, arguments first. Result[k] is the instruction that yields expression k.
type Line struct {
	Code   []Instr
	Result []int
}

// Linearize orders expressions into one line and shares what they have in common.
func Linearize(exprs ...*Expr) Line {
	var line Line
	byKey := map[string]int{}
	byNode := map[*Expr]int{}
	var visit func(*Expr) int
	visit = func(e *Expr) int {
		if k, ok := byNode[e]; ok {
			return k
		}
		in := Instr{Op: e.Op, Value: e.Value, Index: e.Index}
		for i := range e.Op.Arity() {
			in.Args[i] = visit(e.Args[i])
		}
		key := fmt.Sprint(in.Op, FormatNumber(in.Value), in.Index, in.Args)
		k, ok := byKey[key]
		if !ok {
			k = len(line.Code)
			line.Code = append(line.Code, in)
			byKey[key] = k
		}
		byNode[e] = k
		return k
	}
	for _, e := range exprs {
		line.Result = append(line.Result, visit(e))
	}
	return line
}

// Eval computes all instructions in float64 into v, which has one place for each: the same numbers
// as Expr.Eval, but every shared subexpression once.
func (l Line) Eval(env *Env, v []float64) {
	for k, in := range l.Code {
		switch in.Op {
		case Const:
			v[k] = in.Value
		case In:
			v[k] = env.In[in.Index]
		case Coord:
			v[k] = float64(env.Coord[in.Index])
		case Rand:
			v[k] = env.Rand(in.Index)
		default:
			v[k] = compute(in.Op, [3]float64{v[in.Args[0]], v[in.Args[1]], v[in.Args[2]]})
		}
	}
}

// Uses counts how often each instruction is an argument or a result.
func (l Line) Uses() []int {
	uses := make([]int, len(l.Code))
	for _, in := range l.Code {
		for i := range in.Op.Arity() {
			uses[in.Args[i]]++
		}
	}
	for _, k := range l.Result {
		uses[k]++
	}
	return uses
}

// Cost estimates the work of computing the line once, in additions.
func (l Line) Cost() int {
	cost := 0
	for _, in := range l.Code {
		cost += opInfo[in.Op].cost
	}
	return cost
}
