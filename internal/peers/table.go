package main

import (
	"strings"
	"unicode/utf8"
)

// table lays out rows, of which the first is the head, as Markdown with aligned columns.
func table(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	line := func(row []string, fill string) {
		b.WriteString("|")
		for i, cell := range row {
			missing := widths[i] - utf8.RuneCountInString(cell)
			b.WriteString(" " + cell + strings.Repeat(fill, missing) + " |")
		}
		b.WriteString("\n")
	}
	line(rows[0], " ")
	line(make([]string, len(widths)), "-")
	for _, row := range rows[1:] {
		line(row, " ")
	}
	return b.String()
}
