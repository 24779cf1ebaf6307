package gosrc

import (
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// identifier derives a Go identifier from a name of the network: bn1.weight becomes bn1Weight,
// d.conv1 dConv1. Whatever is neither an ASCII letter nor a digit separates words.
func identifier(name string) string {
	var b strings.Builder
	upper := false
	for _, r := range name {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		digit := '0' <= r && r <= '9'
		switch {
		case !letter && !digit:
			upper = b.Len() > 0
			continue
		case b.Len() == 0 && digit:
			b.WriteByte('v')
		case b.Len() == 0 || upper:
			word := string(r)
			if upper {
				word = strings.ToUpper(word)
			} else {
				word = strings.ToLower(word)
			}
			b.WriteString(word)
			upper = false
			continue
		}
		b.WriteRune(r)
		upper = false
	}
	if b.Len() == 0 {
		return "value"
	}
	return b.String()
}

// localName derives the name of a variable in a function that belongs to a layer, whose own values
// need not name it: in bn1, bn1.mean is mean and d.bn1.weight dWeight.
func localName(name, layer string) string {
	bare, gradient := strings.CutPrefix(name, "d.")
	if rest, ok := strings.CutPrefix(bare, layer+"."); ok && layer != "" && rest != "" {
		name = rest
		if gradient {
			name = "d." + rest
		}
	}
	if name == "var" { // a keyword
		return "variance"
	}
	return identifier(name)
}

// exported returns the identifier with a capital first letter, as the tail of a longer one.
func exported(id string) string { return strings.ToUpper(id[:1]) + id[1:] }

// names gives out the identifiers of one scope, each once.
type names struct {
	outer *names
	taken map[string]bool
}

// newNames returns an empty scope within another, which may be nil. What Go or the emitted code
// itself calls by a name is not given out.
func newNames(outer *names, reserved ...string) *names {
	s := &names{outer: outer, taken: map[string]bool{}}
	for _, name := range reserved {
		s.taken[name] = true
	}
	return s
}

// fresh returns name, or name with the first number behind it that makes it free.
func (s *names) fresh(name string) string {
	free := name
	for i := 2; s.has(free); i++ {
		free = name + strconv.Itoa(i)
		if last := name[len(name)-1]; '0' <= last && last <= '9' {
			free = name + "x" + strconv.Itoa(i)
		}
	}
	s.taken[free] = true
	return free
}

func (s *names) has(name string) bool {
	if token.IsKeyword(name) || types.Universe.Lookup(name) != nil || packages[name] != "" ||
		name == "init" || name == "main" || name == "_" {
		return true
	}
	for ; s != nil; s = s.outer {
		if s.taken[name] {
			return true
		}
	}
	return false
}
