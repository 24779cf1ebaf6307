package cli

import (
	"strings"

	"github.com/gradc/gradc/internal/quote"
)

// OneLine keeps an error on one line that is safe to print, whatever names it has in it.
func OneLine(message string) string {
	return quote.Text(strings.Join(strings.FieldsFunc(message, func(r rune) bool {
		return r == '\n' || r == '\r'
	}), "; "))
}
