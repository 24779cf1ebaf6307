// Package gradfuzz has tests of the tests that gradc emits: those of gradients must pass for random
// networks, and report faults that are put into them.
package gradfuzz
