package planexec

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradc/gradc/compiler/ir"
)

func TestRound(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		d       ir.DType
		v, want float64
		reason  string
	}{
		{ir.F16, 1 + 1./1024, 1 + 1./1024, "10 bits behind the first"},
		{ir.F16, 1 + 1./2048, 1, "of two the even one, below"},
		{ir.F16, 1 + 3./2048, 1 + 2./1024, "of two the even one, above"},
		{ir.F16, 1 + 1.01/2048, 1 + 1./1024, "nearer to the next"},
		{ir.F16, -2049, -2048, "steps of 2, of two the even one"},
		{ir.F16, 65504, 65504, "the largest"},
		{ir.F16, 65519.9, 65504, "nearer to the largest than to what would be next"},
		{ir.F16, 65520, inf, "half way to what would be next"},
		{ir.F16, -1e300, -inf, "beyond the largest"},
		{ir.F16, 0x1p-14, 0x1p-14, "the least normal one"},
		{ir.F16, 0x1.ffep-15, 0x1p-14, "half way from the largest subnormal one"},
		{ir.F16, 0x1.8p-24, 0x1p-23, "subnormal numbers are multiples of 2^-24"},
		{ir.F16, 0x1p-25, 0, "half of the least"},
		{ir.F16, 0x1.01p-25, 0x1p-24, "more than half of the least"},
		{ir.F16, 1e-300, 0, "nothing"},
		{ir.BF16, 1 + 1./128, 1 + 1./128, "7 bits behind the first"},
		{ir.BF16, 1 + 1./256, 1, "of two the even one, below"},
		{ir.BF16, 1 + 3./256, 1 + 2./128, "of two the even one, above"},
		{ir.BF16, 0x1.fep127, 0x1.fep127, "the largest"},
		{ir.BF16, 0x1.ffp127, inf, "half way to what would be next"},
		{ir.BF16, 0x1p-133, 0x1p-133, "the least"},
		{ir.BF16, 0x1p-134, 0, "half of the least"},
		{ir.U8, 2.5, 2, "of two the even one"}, {ir.U8, 3.5, 4, "of two the even one"},
		{ir.U8, -3, 0, "below the least"}, {ir.U8, 255.7, 255, "beyond the largest"},
		{ir.F32, 1 + 0x1p-40, 1 + 0x1p-40, "plans run in float64"},
		{ir.I32, 7, 7, "an integer"},
		{ir.F16, inf, inf, "infinite"}, {ir.BF16, math.Copysign(0, -1), 0, "nothing below 0"},
	} {
		if got := round(c.d, c.v); got != c.want {
			t.Errorf("%g as %s is %g, want %g: %s", c.v, c.d, got, c.want, c.reason)
		}
	}
	if !math.IsNaN(round(ir.F16, math.NaN())) || !math.IsNaN(round(ir.BF16, math.NaN())) {
		t.Error("NaN becomes a number")
	}
}

// TestRoundToBF16 compares with the rounding of a float32's bits.
func TestRoundToBF16(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 100000 {
		bits := r.Uint32()
		v := math.Float32frombits(bits)
		if math.IsNaN(float64(v)) {
			continue
		}
		want := math.Float32frombits((bits + 0x7fff + bits>>16&1) &^ 0xffff)
		if got := round(ir.BF16, float64(v)); got != float64(want) {
			t.Fatalf("%g becomes %g, want %g", v, got, want)
		}
	}
}

// TestMemory stores elements of all types side by side, and finds those of a type that others have
// overwritten to be something else.
func TestMemory(t *testing.T) {
	m := newMemory(16)
	for _, d := range []ir.DType{ir.F32, ir.I32, ir.F16, ir.BF16, ir.U8} {
		m.poison()
		n := 16 / d.Bytes()
		for i := range n {
			if !math.IsNaN(m.load(d, i)) {
				t.Errorf("poisoned memory holds %g as %s", m.load(d, i), d)
			}
			m.store(d, i, float64(i+1))
		}
		for i := range n {
			if got := m.load(d, i); got != float64(i+1) {
				t.Errorf("element %d of %s is %g, want %d", i, d, got, i+1)
			}
		}
		m.store(d, 0, math.NaN())
		if !math.IsNaN(m.load(d, 0)) {
			t.Errorf("NaN is stored as %s as %g", d, m.load(d, 0))
		}
	}
	m.store(ir.F32, 1, 1.5)
	m.store(ir.F16, 3, 2)
	if got := m.load(ir.F32, 1); got == 1.5 {
		t.Error("an element of f32 is what it was, though one of f16 lies over it")
	}
}
