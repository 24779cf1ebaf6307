package host

import (
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// Identifier derives a Go identifier from a name of the network: bn1.weight becomes bn1Weight,
// d.conv1 dConv1 and d.pool3.2 dPool3_2. Whatever is neither an ASCII letter nor a digit separates
// words; an underscore parts two numbers.
func Identifier(name string) string {
	var b strings.Builder
	upper, behindDigit := false, false
	for _, r := range name {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		digit := '0' <= r && r <= '9'
		switch {
		case !letter && !digit:
			upper = b.Len() > 0
			continue
		case upper && digit && behindDigit:
			b.WriteByte('_')
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
			upper, behindDigit = false, digit
			continue
		}
		b.WriteRune(r)
		upper, behindDigit = false, digit
	}
	if b.Len() == 0 {
		return "value"
	}
	return b.String()
}

// LocalName derives the name of a variable in a function that belongs to a layer, whose own values
// need not name it: in bn1, bn1.mean is mean and d.bn1.weight dWeight.
func LocalName(name, layer string) string {
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
	return Identifier(name)
}

// Exported returns the identifier with a capital first letter, as the tail of a longer one.
func Exported(id string) string { return strings.ToUpper(id[:1]) + id[1:] }

// Names gives out the identifiers of one scope, each once.
type Names struct {
	outer *Names
	taken map[string]bool
}

// NewNames returns an empty scope within another, which may be nil. What Go or the emitted code
// itself calls by a name is not given out.
func NewNames(outer *Names, reserved ...string) *Names {
	s := &Names{outer: outer, taken: map[string]bool{}}
	s.Reserve(reserved...)
	return s
}

// Reserve takes names out of the scope that emitted code is going to use.
func (s *Names) Reserve(names ...string) {
	for _, name := range names {
		s.taken[name] = true
	}
}

// Fresh returns name, or name with the first number behind it that makes it free.
func (s *Names) Fresh(name string) string {
	free := name
	for i := 2; s.has(free); i++ {
		free = name + strconv.Itoa(i)
		if last := name[len(name)-1]; '0' <= last && last <= '9' {
			free = name + "_" + strconv.Itoa(i)
		}
	}
	s.taken[free] = true
	return free
}

func (s *Names) has(name string) bool {
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
