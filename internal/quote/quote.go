// Package quote prints names and texts from outside, so that no file or class can forge a line or
// send codes to a terminal.
package quote

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Name is how a line of text shows the name of a file or a class: as it is, or in quotes with Go's
// escapes where that would not print or could be taken for more than a name.
func Name(name string) string {
	plain := name != "" && Text(name) == name && strings.TrimSpace(name) == name &&
		!strings.Contains(name, `"`) && !strings.Contains(name, ": ")
	if plain {
		return name
	}
	return strconv.Quote(name)
}

// Text writes each character that does not print (control characters, line ends, bytes that are
// not UTF-8, marks that turn the direction of writing) as Go's escape. All else stays.
func Text(text string) string {
	var out strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		if r == utf8.RuneError && size == 1 || !strconv.IsPrint(r) {
			escaped := strconv.Quote(text[:size])
			out.WriteString(escaped[1 : len(escaped)-1])
		} else {
			out.WriteString(text[:size])
		}
		text = text[size:]
	}
	return out.String()
}
