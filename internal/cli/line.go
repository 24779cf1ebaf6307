package cli

import "strings"

// OneLine keeps an error on one line whatever names it quotes.
func OneLine(message string) string {
	return strings.Join(strings.FieldsFunc(message, func(r rune) bool {
		return r == '\n' || r == '\r'
	}), "; ")
}
