package planexec

import (
	"encoding/binary"
	"math"

	"github.com/gradc/gradc/compiler/ir"
)

// memory holds the elements of a space. It has four bytes for every byte of the plan, so that elements
// are kept as float64 where the plan has them, those of u8 as float32: those of four bytes twice, so
// that none is whole that another lies over. What all bits are set of is NaN.
type memory []byte

const scale = 4

// newMemory returns poisoned memory for some bytes of the plan.
func newMemory(bytes int) memory {
	m := make(memory, scale*bytes)
	m.poison()
	return m
}

// poison makes all elements NaN.
func (m memory) poison() {
	if len(m) > 0 {
		m[0] = 0xff
	}
	for n := 1; n < len(m); n *= 2 {
		copy(m[n:], m[:n])
	}
}

// part returns the memory of some bytes of the plan.
func (m memory) part(from, size int) memory { return m[scale*from : scale*(from+size)] }

// load returns element i of those of a type.
func (m memory) load(d ir.DType, i int) float64 {
	at := m[scale*d.Bytes()*i:]
	if d.Bytes() == 1 {
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(at)))
	}
	bits := binary.LittleEndian.Uint64(at)
	if d.Bytes() == 4 && binary.LittleEndian.Uint64(at[8:]) != bits {
		return math.NaN()
	}
	return math.Float64frombits(bits)
}

// store sets element i of those of a type.
func (m memory) store(d ir.DType, i int, v float64) {
	at := m[scale*d.Bytes()*i:]
	if d.Bytes() == 1 {
		binary.LittleEndian.PutUint32(at, math.Float32bits(float32(v)))
		return
	}
	binary.LittleEndian.PutUint64(at, math.Float64bits(v))
	if d.Bytes() == 4 {
		binary.LittleEndian.PutUint64(at[8:], math.Float64bits(v))
	}
}
