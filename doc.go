// Package gradc is the root of a compiler that turns networks described in Go into Go packages
// that train them. It holds no code: see package dsl for describing a network, cmd/gradc for the
// command, and ARCHITECTURE.md for how the parts fit.
package gradc
