//go:build amd64 && !noasm

package cpu

// vectorChains returns the assembly for a level: nil if there is none.
func vectorChains(level Level) func(rounds int, a, b float32) {
	switch level {
	case AVX2:
		return chainsAVX2
	case AVX512:
		return chainsAVX512
	}
	return nil
}
