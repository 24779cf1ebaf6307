// Package cpu says which of a trainer's functions the processor runs: Go, or assembly for one of
// its instruction sets.
package cpu

import (
	"fmt"
	"os"

	"golang.org/x/sys/cpu"
)

// Level is a code path. Higher levels are faster.
type Level uint8

// The levels.
const (
	Go     Level = iota // plain Go, on every processor
	AVX2                // amd64 with AVX2 and FMA
	AVX512              // amd64 with AVX-512 F, VL, DQ and BW
)

var names = [...]string{Go: "go", AVX2: "avx2", AVX512: "avx512"}

// String returns the level as the environment variable GRADC_CPU names it.
func (l Level) String() string { return names[l] }

// Best returns the level to use: that of the environment variable GRADC_CPU, or the highest that
// the processor has. A value that names no level, or one that the processor lacks, is an error.
func Best() (Level, error) { return choose(os.Getenv("GRADC_CPU"), highest()) }

// Chosen is Best where its error has been reported: in its place the level is Go.
func Chosen() Level {
	level, err := Best()
	if err != nil {
		return Go
	}
	return level
}

func choose(name string, highest Level) (Level, error) {
	if name == "" {
		return highest, nil
	}
	for l := Go; l <= AVX512; l++ {
		if l.String() != name {
			continue
		}
		if l > highest {
			return Go, fmt.Errorf("GRADC_CPU=%s: this processor lacks these instructions; "+
				"it has %s", name, highest)
		}
		return l, nil
	}
	return Go, fmt.Errorf("GRADC_CPU=%s: choose one of avx512, avx2, go", name)
}

func highest() Level {
	x := &cpu.X86 // all false on other architectures
	switch {
	case x.HasAVX512F && x.HasAVX512VL && x.HasAVX512DQ && x.HasAVX512BW && x.HasFMA:
		return AVX512
	case x.HasAVX2 && x.HasFMA:
		return AVX2
	}
	return Go
}
