package ir

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gradc/gradc/compiler/scalar"
)

// AttrKind is the type of an attribute.
type AttrKind uint8

// The kinds of attributes and their Go types.
const (
	Int    AttrKind = iota // int
	Float                  // float64
	Bool                   // bool
	String                 // string
	Ints                   // []int
	Body                   // *scalar.Expr
)

// AttrSpec names an attribute of an operation.
type AttrSpec struct {
	Name     string
	Kind     AttrKind
	Training bool // means nothing in evaluation
}

// Attrs are the attributes of a value, by name. They are read-only once the value exists.
type Attrs map[string]any

// Int returns an Int attribute.
func (a Attrs) Int(name string) int { return get[int](a, name) }

// Float returns a Float attribute.
func (a Attrs) Float(name string) float64 { return get[float64](a, name) }

// Bool returns a Bool attribute.
func (a Attrs) Bool(name string) bool { return get[bool](a, name) }

// Str returns a String attribute.
func (a Attrs) Str(name string) string { return get[string](a, name) }

// Ints returns an Ints attribute.
func (a Attrs) Ints(name string) []int { return get[[]int](a, name) }

// Body returns a Body attribute.
func (a Attrs) Body(name string) *scalar.Expr { return get[*scalar.Expr](a, name) }

// get panics where a rule asks for an attribute its operation does not declare.
func get[T any](a Attrs, name string) T {
	v, ok := a[name].(T)
	if !ok {
		panic(fmt.Sprintf("ir: no attribute %s of type %T", name, v))
	}
	return v
}

// check reports an attribute that is missing, unknown or of the wrong type.
func (a Attrs) check(specs []AttrSpec) error {
	for _, spec := range specs {
		v, ok := a[spec.Name]
		if !ok {
			return fmt.Errorf("attribute %s is missing", spec.Name)
		}
		if !spec.Kind.holds(v) {
			return fmt.Errorf("attribute %s has type %T", spec.Name, v)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if !slices.ContainsFunc(specs, func(s AttrSpec) bool { return s.Name == name }) {
			return fmt.Errorf("unknown attribute %s", name)
		}
	}
	return nil
}

func (k AttrKind) holds(v any) bool {
	ok := false
	switch k {
	case Int:
		_, ok = v.(int)
	case Float:
		_, ok = v.(float64)
	case Bool:
		_, ok = v.(bool)
	case String:
		_, ok = v.(string)
	case Ints:
		_, ok = v.([]int)
	case Body:
		_, ok = v.(*scalar.Expr)
	}
	return ok
}

// Format returns the attributes in the order of specs: stride=[1,1] eps=1e-05 body="x0 + x1".
func (a Attrs) Format(specs []AttrSpec) string {
	var b strings.Builder
	for _, spec := range specs {
		fmt.Fprintf(&b, " %s=%s", spec.Name, formatAttr(a[spec.Name]))
	}
	return b.String()
}

func formatAttr(v any) string {
	switch v := v.(type) {
	case float64:
		return scalar.FormatNumber(v)
	case string:
		return strconv.Quote(v)
	case []int:
		return Shape(v).String()
	case *scalar.Expr:
		return strconv.Quote(v.String())
	}
	return fmt.Sprint(v)
}

// parse reads the text of an attribute of kind k.
func (k AttrKind) parse(text string) (any, error) {
	switch k {
	case Int:
		return strconv.Atoi(text)
	case Float:
		return strconv.ParseFloat(text, 64)
	case Bool:
		return strconv.ParseBool(text)
	case Ints:
		return parseInts(text)
	}
	s, err := strconv.Unquote(text)
	if err != nil {
		return nil, fmt.Errorf("%s is not a quoted string", text)
	}
	if k == Body {
		return scalar.Parse(s)
	}
	return s, nil
}

func parseInts(text string) ([]int, error) {
	inner, ok := strings.CutPrefix(text, "[")
	inner, ok2 := strings.CutSuffix(inner, "]")
	if !ok || !ok2 {
		return nil, fmt.Errorf("%s is not of the form [1,2]", text)
	}
	if inner == "" {
		return []int{}, nil
	}
	var ints []int
	for _, part := range strings.Split(inner, ",") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil, err
		}
		ints = append(ints, n)
	}
	return ints, nil
}
