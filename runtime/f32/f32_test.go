package f32

import (
	"fmt"
	"hash/crc32"
	"math"
	"testing"
)

var (
	inf    = float32(math.Inf(1))
	nan    = float32(math.NaN())
	denorm = float32(math.SmallestNonzeroFloat32)
)

// each calls f with a dense sample of all float32 values: one in 4093 of them.
func each(f func(x float32)) {
	for word := uint64(0); word < 1<<32; word += 4093 {
		f(math.Float32frombits(uint32(word)))
	}
}

// ulps returns how far got is from want, in units in the last place of want as a float32.
func ulps(got float32, want float64) float64 {
	rounded := float32(want)
	if got == rounded || got != got && want != want {
		return 0
	}
	_, exponent := math.Frexp(math.Abs(float64(rounded)))
	unit := math.Ldexp(1, max(exponent-24, -149))
	return math.Abs(float64(got)-want) / unit // NaN or Inf where only one is finite
}

func TestAccuracy(t *testing.T) {
	for _, c := range []struct {
		name string
		got  func(float32) float32
		want func(float64) float64
		most float64 // of the first four: what was found over all 2^32 arguments, rounded up
	}{
		{"Exp", Exp, math.Exp, 1.01},
		{"Expm1", Expm1, math.Expm1, 1.66},
		{"Log", Log, math.Log, 0.83},
		{"Log1p", Log1p, math.Log1p, 0.85},
		{"Sqrt", Sqrt, math.Sqrt, 0.5},
		{"Rsqrt", Rsqrt, func(x float64) float64 { return 1 / math.Sqrt(x) }, 1.5},
	} {
		t.Run(c.name, func(t *testing.T) {
			check := func(x float32) {
				want := c.want(float64(x))
				if got := c.got(x); !(ulps(got, want) <= c.most) {
					t.Fatalf("%s(%v) = %v, not %v", c.name, x, got, want)
				}
			}
			each(check)
			for _, x := range []float32{
				0, 1, -1, denorm, minNormal, math.MaxFloat32, -math.MaxFloat32, inf, -inf, nan,
				math.Sqrt2, math.Sqrt2 / 2, expMax, expMin, -87.33655, -87.33654, 0.5 * math.Ln2,
				-0.5 * math.Ln2, expm1Max, expm1Min, -17.328680, 0x1p-24, -0x1p-24, math.Sqrt2 - 1,
				math.Sqrt2/2 - 1, 0.35823232, 0.4133032,
			} {
				check(x)
				check(math.Nextafter32(x, inf))
				check(math.Nextafter32(x, -inf))
			}
		})
	}
}

// minNormal is the least number with a full fraction.
const minNormal = 0x1p-126

func TestSpecialValues(t *testing.T) {
	negativeZero := float32(math.Copysign(0, -1))
	for _, c := range []struct {
		name      string
		got, want float32
	}{
		{"Exp(-0)", Exp(negativeZero), 1},
		{"Exp(inf)", Exp(inf), inf},
		{"Exp(-inf)", Exp(-inf), 0},
		{"Exp(nan)", Exp(nan), nan},
		{"Exp above the largest", Exp(88.722845), inf},
		{"Exp of the largest", Exp(88.72283), 3.4027985e38},
		{"Exp below the least", Exp(-104), 0},
		{"Exp of the least", Exp(-103.9), denorm},
		{"Expm1(0)", Expm1(0), 0},
		{"Expm1(inf)", Expm1(inf), inf},
		{"Expm1(-inf)", Expm1(-inf), -1},
		{"Expm1(nan)", Expm1(nan), nan},
		{"Expm1 of the largest number", Expm1(math.MaxFloat32), inf},
		{"Expm1 above the largest", Expm1(88.722845), inf},
		{"Expm1 of the largest", Expm1(88.72283), 3.4027985e38},
		{"Expm1 below the least", Expm1(-17.4), -1},
		{"Expm1 near 0", Expm1(-1e-8), -1e-8},
		{"Expm1(denorm)", Expm1(denorm), denorm},
		{"Expm1(-denorm)", Expm1(-denorm), -denorm},
		{"Log(0)", Log(0), -inf},
		{"Log(-0)", Log(negativeZero), -inf},
		{"Log(1)", Log(1), 0},
		{"Log(-1)", Log(-1), nan},
		{"Log(-denorm)", Log(-denorm), nan},
		{"Log(-inf)", Log(-inf), nan},
		{"Log(inf)", Log(inf), inf},
		{"Log(nan)", Log(nan), nan},
		{"Log(denorm)", Log(denorm), -103.27893},
		{"Log1p(0)", Log1p(0), 0},
		{"Log1p(-1)", Log1p(-1), -inf},
		{"Log1p just above -1", Log1p(math.Nextafter32(-1, 0)), -16.635532},
		{"Log1p just below -1", Log1p(math.Nextafter32(-1, -2)), nan},
		{"Log1p(-inf)", Log1p(-inf), nan},
		{"Log1p(inf)", Log1p(inf), inf},
		{"Log1p(nan)", Log1p(nan), nan},
		{"Log1p of the largest number", Log1p(math.MaxFloat32), 88.72284},
		{"Log1p near 0", Log1p(4.14e-8), 4.14e-8},
		{"Log1p(denorm)", Log1p(denorm), denorm},
		{"Log1p(-denorm)", Log1p(-denorm), -denorm},
		{"Rsqrt(0)", Rsqrt(0), inf},
		{"Rsqrt(inf)", Rsqrt(inf), 0},
		{"Max(1, 2)", Max(1, 2), 2},
		{"Max(2, 1)", Max(2, 1), 2},
		{"Max(nan, 1)", Max(nan, 1), 1},
		{"Max(1, nan)", Max(1, nan), nan},
		{"Min(1, 2)", Min(1, 2), 1},
		{"Min(2, 1)", Min(2, 1), 1},
		{"Min(nan, 1)", Min(nan, 1), 1},
		{"Min(1, nan)", Min(1, nan), nan},
	} {
		if c.got != c.want && !(c.got != c.got && c.want != c.want) {
			t.Errorf("%s = %v, not %v", c.name, c.got, c.want)
		}
	}
}

func TestSignOfZero(t *testing.T) {
	negativeZero := float32(math.Copysign(0, -1))
	for name, y := range map[string]float32{"Expm1": Expm1(negativeZero),
		"Log1p": Log1p(negativeZero)} {
		if math.Float32bits(y) != math.Float32bits(negativeZero) {
			t.Errorf("%s(-0) = %v", name, y)
		}
	}
}

// The bits are the same on every processor: a fused multiply-add, or another polynomial,
// changes the sum.
func TestSameBitsEverywhere(t *testing.T) {
	for _, c := range []struct {
		name string
		f    func(float32) float32
		want string
	}{
		{"Exp", Exp, "95c0f265"},
		{"Expm1", Expm1, "c4cd8f6f"},
		{"Log", Log, "a5dbdea1"},
		{"Log1p", Log1p, "f328061a"},
	} {
		sum := crc32.NewIEEE()
		each(func(x float32) {
			y := c.f(x)
			if y != y {
				y = 0 // a NaN has many forms
			}
			word := math.Float32bits(y)
			sum.Write([]byte{byte(word), byte(word >> 8), byte(word >> 16), byte(word >> 24)})
		})
		if got := fmt.Sprintf("%08x", sum.Sum32()); got != c.want {
			t.Errorf("%s: sum of the results' bits %s, not %s", c.name, got, c.want)
		}
	}
}

func BenchmarkExp(b *testing.B)   { benchmark(b, func(x float32) float32 { return Exp(x) }) }
func BenchmarkExpm1(b *testing.B) { benchmark(b, func(x float32) float32 { return Expm1(x) }) }
func BenchmarkLog(b *testing.B)   { benchmark(b, func(x float32) float32 { return Log(x) }) }
func BenchmarkLog1p(b *testing.B) { benchmark(b, func(x float32) float32 { return Log1p(x) }) }

// benchmark measures f over 1024 numbers between 0 and 10.
func benchmark(b *testing.B, f func(float32) float32) {
	var in, out [1024]float32
	for i := range in {
		in[i] = 0.01 + float32(i*7919%1024)/103
	}
	for b.Loop() {
		for i, x := range in {
			out[i] = f(x)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(in)), "ns/number")
}
