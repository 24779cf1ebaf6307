package ir

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Check reports whether a graph is well formed: names are unique and can be read back from the
// text form, arguments come before their users, every value has the type that its operation's
// shape rule gives (in whatever layout), and what leaves the graph fits its target. It runs after
// every pass.
func Check(g *Graph) error {
	seen := make(map[*Value]bool, len(g.Values))
	names := make(map[string]bool, len(g.Values))
	for _, v := range g.Values {
		switch {
		case !readable(v.Name) || v.Layer != "" && !readable(v.Layer):
			return v.Errorf("a name is empty or has a character with a meaning in the text form")
		case names[v.Name]:
			return v.Errorf("the name is used twice")
		}
		names[v.Name] = true
		for _, a := range v.Args {
			if !seen[a] {
				return v.Errorf("argument %s does not come before it", a.Name)
			}
		}
		seen[v] = true
		if err := checkValue(v); err != nil {
			return err
		}
	}
	for i, root := range g.Roots() {
		if !seen[root] {
			return fmt.Errorf("graph %q: root %d (%s) is not of the graph", g.Name, i, root.Name)
		}
	}
	for _, a := range slices.Concat(g.Gradients, g.Updates) {
		if !seen[a.Target] || a.Target.Op.Kind != Source {
			return fmt.Errorf("graph %q: %s is not a source", g.Name, a.Target.Name)
		}
		if !slices.Equal(a.Target.Type.Shape, a.Value.Type.Shape) {
			return a.Value.Errorf("shape %s does not fit %s of shape %s",
				a.Value.Type.Shape, a.Target.Name, a.Target.Type.Shape)
		}
	}
	return nil
}

func checkValue(v *Value) error {
	if err := v.Attrs.check(v.Op.Attrs); err != nil {
		return v.Errorf("%v", err)
	}
	t, err := v.Op.Shape(v.ArgTypes(), v.Attrs)
	if err != nil {
		return v.Errorf("%v", err)
	}
	if t.DType != F32 && v.Type.Layout.Storage != F32 {
		return v.Errorf("elements of %s cannot be stored as %s", t.DType, v.Type.Layout.Storage)
	}
	if t.DType != v.Type.DType || !slices.Equal(t.Shape, v.Type.Shape) {
		return v.Errorf("type %s, but the operation yields %s", v.Type, t)
	}
	return nil
}

// readable reports whether a name can be told from what surrounds it in the text form.
func readable(name string) bool {
	special := func(r rune) bool {
		return !unicode.IsPrint(r) || strings.ContainsRune(" \"()[],:=@", r)
	}
	return name != "" && utf8.ValidString(name) && !strings.ContainsFunc(name, special)
}
