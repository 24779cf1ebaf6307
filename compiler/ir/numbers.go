package ir

import "fmt"

// Ceil returns a/b, rounded up.
func Ceil(a, b int) int { return (a + b - 1) / b }

// Plural returns 1 channel or 3 channels.
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
