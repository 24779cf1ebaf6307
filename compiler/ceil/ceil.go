// Package ceil divides sizes.
package ceil

// Div returns a/b, rounded up: how many parts of b elements a elements take. Neither is negative.
func Div(a, b int) int { return (a + b - 1) / b }
