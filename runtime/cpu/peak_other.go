//go:build !amd64 || noasm

package cpu

// vectorChains returns nil: there is no assembly here.
func vectorChains(Level) func(rounds int, a, b float32) { return nil }
