package initial

import (
	"math"
	"slices"
	"testing"

	"github.com/gradc/gradc/runtime/philox"
)

func TestConstants(t *testing.T) {
	for _, c := range []struct {
		init Init
		want float32
	}{
		{Init{}, 0},
		{Init{Kind: Zeros}, 0},
		{Init{Kind: Ones}, 1},
		{Init{Kind: Const, Value: 0.25}, 0.25},
	} {
		dst := []float32{7, 8, 9}
		Fill(dst, c.init, 1, 0)
		if !slices.Equal(dst, []float32{c.want, c.want, c.want}) {
			t.Errorf("%+v: %v", c.init, dst)
		}
	}
}

// A uniform distribution within ±bound has the deviation bound/√3.
func TestMoments(t *testing.T) {
	const fanIn, fanOut = 50, 150
	for _, c := range []struct {
		kind  Kind
		gain  float64
		sigma float64
		bound float64 // 0: none
	}{
		{HeNormal, 0, math.Sqrt(2. / 50), 0},
		{HeNormal, 1, math.Sqrt(2. / 50), 0},
		{HeNormal, 0.5, 0.5 * math.Sqrt(2./50), 0},
		{HeUniform, 0, math.Sqrt(2. / 50), math.Sqrt(6. / 50)},
		{XavierNormal, 0, math.Sqrt(2. / 200), 0},
		{XavierUniform, 0, math.Sqrt(2. / 200), math.Sqrt(6. / 200)},
		{XavierUniform, 3, 3 * math.Sqrt(2./200), 3 * math.Sqrt(6./200)},
	} {
		const n = 100000
		dst := make([]float32, n)
		init := Init{Kind: c.kind, FanIn: fanIn, FanOut: fanOut, Gain: c.gain}
		Fill(dst, init, 3, 1)
		sum, squares, most := 0.0, 0.0, 0.0
		for _, x := range dst {
			sum += float64(x)
			squares += float64(x) * float64(x)
			most = max(most, math.Abs(float64(x)))
		}
		if mean := sum / n; math.Abs(mean) > 5*c.sigma/math.Sqrt(n) {
			t.Errorf("%+v: mean %v, not 0", init, mean)
		}
		if sigma := math.Sqrt(squares / n); math.Abs(sigma/c.sigma-1) > 0.02 {
			t.Errorf("%+v: deviation %v, not %v", init, sigma, c.sigma)
		}
		if c.bound > 0 && (most > c.bound || most < 0.999*c.bound) {
			t.Errorf("%+v: within ±%v, not ±%v", init, most, c.bound)
		}
		if c.bound == 0 && most < 3.5*c.sigma {
			t.Errorf("%+v: within ±%v, which is not normal for %v", init, most, c.sigma)
		}
	}
}

// Element i depends on seed, index and i alone.
func TestElementsAreKeyed(t *testing.T) {
	init := Init{Kind: HeUniform, FanIn: 6}
	fill := func(n int, seed uint64, index int) []float32 {
		dst := make([]float32, n)
		Fill(dst, init, seed, index)
		return dst
	}
	long, short := fill(100, 7, 2), fill(10, 7, 2)
	if !slices.Equal(long[:10], short) {
		t.Error("the values depend on the length")
	}
	if slices.Equal(short, fill(10, 8, 2)) {
		t.Error("the values do not depend on the seed")
	}
	if slices.Equal(short, fill(10, 7, 3)) {
		t.Error("the values do not depend on the index")
	}
	stream := philox.Key{Seed: 7, Purpose: philox.Init}.Stream(2, 0)
	for i, got := range short {
		if want := 2*stream.Float32() - 1; got != want {
			t.Errorf("element %d: %v, not %v", i, got, want)
		}
	}
}

func TestFillPanics(t *testing.T) {
	for _, init := range []Init{
		{Kind: Kind(99)},
		{Kind: -1},
		{Kind: HeNormal},
		{Kind: HeUniform, FanIn: -1},
		{Kind: XavierNormal},
		{Kind: XavierUniform},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v does not panic", init)
				}
			}()
			Fill(make([]float32, 3), init, 0, 0)
		}()
	}
}
