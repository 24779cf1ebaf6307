// Package initial fills parameters with their values before the first step.
package initial

import (
	"fmt"
	"math"

	"github.com/gradc/gradc/runtime/philox"
)

// Kind is a rule for initial values.
type Kind int

// The rules. Uniform ones draw from [-bound, bound), normal ones with mean 0.
//
//	HeNormal       σ     = √(2 / fanIn)             He et al., "Delving deep into rectifiers" (2015)
//	HeUniform      bound = √(6 / fanIn)
//	XavierNormal   σ     = √(2 / (fanIn + fanOut))  Glorot and Bengio, "Understanding the
//	XavierUniform  bound = √(6 / (fanIn + fanOut))  difficulty of training deep …" (2010)
const (
	Zeros Kind = iota
	Ones
	Const // Init.Value everywhere
	HeNormal
	HeUniform
	XavierNormal
	XavierUniform
)

// Init says how to fill one parameter.
type Init struct {
	Kind          Kind
	FanIn, FanOut int     // inputs and outputs of one unit; what a rule does not use may be 0
	Gain          float64 // multiplies σ or bound; 0 means 1
	Value         float64 // of Const
}

// Fill sets dst, the parameter of the given index in its network. Element i of a random rule
// comes from word i of the stream (seed, Init, index, 0). It panics on a rule it does not know
// and on a fan that is not positive where the rule divides by it.
func Fill(dst []float32, init Init, seed uint64, index int) {
	switch init.Kind {
	case Zeros:
		clear(dst)
	case Ones:
		constant(dst, 1)
	case Const:
		constant(dst, float32(init.Value))
	case HeNormal:
		normal(dst, init.scale(2, init.FanIn), seed, index)
	case HeUniform:
		uniform(dst, init.scale(6, init.FanIn), seed, index)
	case XavierNormal:
		normal(dst, init.scale(2, init.FanIn+init.FanOut), seed, index)
	case XavierUniform:
		uniform(dst, init.scale(6, init.FanIn+init.FanOut), seed, index)
	default:
		panic(fmt.Sprintf("initial: unknown kind %d", init.Kind))
	}
}

// scale returns gain·√(numerator/fan).
func (init Init) scale(numerator float64, fan int) float64 {
	if fan < 1 {
		panic(fmt.Sprintf("initial: kind %d needs positive fans, not FanIn %d, FanOut %d",
			init.Kind, init.FanIn, init.FanOut))
	}
	gain := init.Gain
	if gain == 0 {
		gain = 1
	}
	return gain * math.Sqrt(numerator/float64(fan))
}

func constant(dst []float32, value float32) {
	for i := range dst {
		dst[i] = value
	}
}

func normal(dst []float32, sigma float64, seed uint64, index int) {
	stream := philox.Key{Seed: seed, Purpose: philox.Init}.Stream(uint32(index), 0)
	for i := range dst {
		dst[i] = float32(sigma * stream.Normal())
	}
}

func uniform(dst []float32, bound float64, seed uint64, index int) {
	stream := philox.Key{Seed: seed, Purpose: philox.Init}.Stream(uint32(index), 0)
	for i := range dst {
		dst[i] = float32(bound * (2*float64(stream.Float32()) - 1)) // 2u-1 is exact
	}
}
