package pass

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// principal returns the value that a step is named after: its kernel, else the first result that
// is stored per element, else the first result.
func principal(s *plan.Step) *ir.Value {
	if s.Kernel != nil {
		return s.Values[0]
	}
	outs := s.Loop.Outs
	k := max(0, slices.IndexFunc(outs, func(o plan.LoopOut) bool { return o.Fold == "" }))
	at := slices.IndexFunc(s.Values, func(v *ir.Value) bool { return v.Name == outs[k].Name })
	return s.Values[at]
}

// stepName names a step after its layer, its pass and what it computes, unless that is plain:
// conv1.forward, conv1.backward.weight, conv1.infer. No two steps of a program have the same name.
func stepName(s *plan.Step, infer bool, names map[string]bool) string {
	v := principal(s)
	pass := v.Pass.String()
	if infer {
		pass = "infer"
	}
	what := strings.TrimPrefix(v.Name, "d.")
	parts := []string{pass}
	if v.Layer != "" {
		parts = []string{v.Layer, pass}
		what = strings.TrimPrefix(strings.TrimPrefix(what+".", v.Layer+"."), ".")
		what = strings.TrimSuffix(what, ".")
	}
	plain := v.Pass == ir.Optimize || v.Pass == ir.Forward && s.Kernel != nil && v.Op.Grad != nil
	if what != "" && !(plain && v.Layer != "") {
		parts = append(parts, what)
	}
	return unique(strings.Join(parts, "."), names)
}

func unique(name string, taken map[string]bool) string {
	free := name
	for i := 2; taken[free]; i++ {
		free = name + "." + strconv.Itoa(i)
	}
	taken[free] = true
	return free
}
