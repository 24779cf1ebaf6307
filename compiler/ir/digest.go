package ir

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
)

// Digest identifies what the value root of a model computes: the SHA-256, in hexadecimal, of its
// operations and attributes, and of the names and shapes of its parameters and running statistics.
//
// It does not depend on what means nothing: lines of the DSL, names of other values, the order of
// values that do not need each other, the size of the batch, how parameters begin. In mode Infer
// that includes what matters in training alone: operations that pass on an argument in evaluation,
// as dropout does, and attributes marked Training.
func Digest(g *Graph, root *Value, mode Mode) string {
	digests := make(map[*Value]string, len(g.Values))
	for _, v := range g.Values {
		if same := passedOn(g, v, mode); same != nil {
			digests[v] = digests[same]
			continue
		}
		sum := sha256.New()
		fmt.Fprintf(sum, "%s%s\n", v.Op.Name, meaning(v, mode))
		for _, a := range v.Args {
			fmt.Fprintln(sum, digests[a])
		}
		digests[v] = hex.EncodeToString(sum.Sum(nil))
	}
	return digests[root]
}

// passedOn returns the argument that a composite dissolves to, or nil.
func passedOn(g *Graph, v *Value, mode Mode) *Value {
	if v.Op.Kind != Composite {
		return nil
	}
	result := v.Op.Expand(NewBuilder(&Graph{Ops: g.Ops}), v, mode)
	if !slices.Contains(v.Args, result) {
		return nil
	}
	return result
}

// meaning is what tells v from other values of its operation, apart from its arguments.
func meaning(v *Value, mode Mode) string {
	if v.Op.Kind != Source {
		specs := slices.Clone(v.Op.Attrs)
		return v.Attrs.Format(slices.DeleteFunc(specs, func(s AttrSpec) bool {
			return s.Training && mode == Infer
		}))
	}
	if v.Op.Name == "input" || v.Op.Name == "labels" {
		return " " + v.Type.Shape[1:].String() // an image's, or a label's
	}
	return fmt.Sprintf(" %q %s", v.Name, v.Type.Shape)
}
