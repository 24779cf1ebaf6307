package gosrc

import (
	"strconv"
	"strings"

	"github.com/gradc/gradc/codegen/goasm"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// axis is one loop of a nest, with the name of its variable.
type axis struct {
	plan.Axis
	name string
}

// nest is the loops over a domain.
type nest struct{ axes []axis }

// axisNames are the loop variables by number of axes.
var axisNames = map[int][]string{
	1: {"i"},
	2: {"row", "col"},
	3: {"plane", "row", "col"},
	4: {"image", "channel", "row", "col"},
}

// weightNames are those of weights.
var weightNames = []string{"out", "in", "row", "col"}

// newNest names the axes over a domain, each differently.
func newNest(domain ir.Type, axes []plan.Axis) *nest {
	n := &nest{}
	taken := map[string]bool{}
	for _, a := range axes {
		for _, name := range []string{variableOf(domain, &a), "j", "k", "l"} {
			if !taken[name] {
				taken[name] = true
				n.axes = append(n.axes, axis{a, name})
				break
			}
		}
	}
	return n
}

// variableOf names the variable of a loop over an axis, or over several that are one loop.
func variableOf(domain ir.Type, a *plan.Axis) string {
	var names []string
	for _, r := range a.Over {
		switch r.Part {
		case plan.OverBlocks:
			names = append(names, "block")
		case plan.OverLanes:
			names = append(names, "lane")
		default:
			names = append(names, axisName(domain, r.Axis))
		}
	}
	switch {
	case len(names) == 1:
		return names[0]
	case len(names) == 2 && names[0] == "row" && names[1] == "col":
		return "pixel"
	}
	return "i"
}

func axisName(t ir.Type, of int) string {
	list := axisNames[len(t.Shape)]
	switch {
	case t.Layout.Order == goasm.OIHW16o || t.Layout.Order == goasm.IOHW16i:
		return weightNames[of]
	case list == nil:
		return "i" + strconv.Itoa(of)
	}
	return list[of]
}

// offset prints base + Σ variable·stride over the axes from, …, to-1.
func (n *nest) offset(base string, a plan.Access, from, to int) string {
	var terms []string
	if base != "" && base != "0" {
		terms = append(terms, base)
	}
	for i := from; i < to; i++ {
		if t := times(n.axes[i].name, a.Stride[i]); t != "" {
			terms = append(terms, t)
		}
	}
	return sum(terms...)
}

// times prints variable·factor, nothing if the factor is 0.
func times(variable string, factor int) string {
	switch {
	case factor == 0 || variable == "0":
		return ""
	case factor == 1:
		return variable
	}
	return variable + "*" + strconv.Itoa(factor)
}

// sum prints a sum of terms without those that are empty or 0.
func sum(terms ...string) string {
	var kept []string
	for _, t := range terms {
		if t != "" && t != "0" {
			kept = append(kept, t)
		}
	}
	if len(kept) == 0 {
		return "0"
	}
	return strings.Join(kept, "+")
}
