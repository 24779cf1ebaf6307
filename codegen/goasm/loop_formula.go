package goasm

import (
	"strings"
	"unicode/utf8"

	"github.com/gradc/gradc/compiler/scalar"
)

// mostFormula is the length up to which a formula is of use to a reader. That of a longer one is
// with the function in Go.
const mostFormula = 140

// formulas returns what a loop computes for each element.
func (l loop) formulas() []string {
	exprs := make([]*scalar.Expr, len(l.Line.Code))
	for k, in := range l.Line.Code {
		exprs[k] = &scalar.Expr{Op: in.Op, Value: in.Value, Index: in.Index}
		for i := range in.Op.Arity() {
			exprs[k].Args[i] = exprs[in.Args[i]]
		}
	}
	text := func(instr int) string {
		s := exprs[instr].Format(func(i int) string { return l.names[l.Args[i].Param] })
		if utf8.RuneCountInString(s) > mostFormula {
			return "…"
		}
		return s
	}
	var list []string
	for _, o := range l.Outs {
		list = append(list, l.names[o.Param]+" = "+text(o.Instr))
	}
	for _, f := range l.Folds {
		var targets []string
		for _, t := range f.Targets {
			targets = append(targets, l.names[t.Param])
		}
		list = append(list, strings.Join(targets, ", ")+" = "+f.Fold+" of "+text(l.Sums[f.Sum].Instr))
	}
	return list
}
