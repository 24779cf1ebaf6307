package gosrc

import (
	"strings"

	"github.com/gradc/gradc/codegen/host"
)

// This file names the variables of a loop's function that hold one number.

// singular is what one element of the blocks of an optimizer is called.
func singular(block string) string {
	switch block {
	case "params":
		return "parameter"
	case "grads":
		return "gradient"
	}
	return block
}

// elementName names a variable for an element of an argument: gradient of grads, xValue of x.
func (t *tensor) elementName() string {
	if one := singular(t.Name); one != t.Name {
		return one
	}
	return t.name + "Value"
}

// valueName names a variable for the value of instruction k: nextMomentum if it becomes the new
// content of momentum, else after what it computes.
func (l *loop) valueName(k int) string {
	for i, o := range l.plan.Outs {
		state, next := strings.CutSuffix(o.Name, ".next")
		if next && o.Fold == "" && l.steps.Line.Result[i] == k {
			return "next" + host.Exported(host.LocalName(singular(state), l.layer))
		}
	}
	return meaning(l.steps.Line.Code[k].Op)
}
