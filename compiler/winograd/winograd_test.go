package winograd_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradc/gradc/compiler/winograd"
)

// TestTile compares a tile with its definition, y[i,j] = Σ_k,l x[i+k, j+l]·w[k,l], and the gradient
// of w, dw[k,l] = Σ_i,j dy[i,j]·x[i+k, j+l].
func TestTile(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	random := func(n int) []float64 {
		s := make([]float64, n*n)
		for i := range s {
			s[i] = r.NormFloat64()
		}
		return s
	}
	const tile, kernel, patch = winograd.Tile, winograd.Kernel, winograd.Patch
	x, w, dy := random(patch), random(kernel), random(tile)
	y, dw := make([]float64, tile*tile), make([]float64, kernel*kernel)
	for i := range tile {
		for j := range tile {
			for k := range kernel {
				for l := range kernel {
					pixel := x[(i+k)*patch+j+l]
					y[i*tile+j] += pixel * w[k*kernel+l]
					dw[k*kernel+l] += dy[i*tile+j] * pixel
				}
			}
		}
	}
	bt, at, g := winograd.BT(), winograd.AT(), winograd.G()
	v := winograd.Apply(bt, x)
	equal(t, "y", winograd.Apply(at, products(winograd.Apply(g, w), v)), y)
	h := winograd.Apply(winograd.Transpose(at), dy)
	equal(t, "dw", winograd.Apply(winograd.Transpose(g), products(h, v)), dw)
}

func products(a, b []float64) []float64 {
	c := make([]float64, len(a))
	for i := range c {
		c[i] = a[i] * b[i]
	}
	return c
}

func equal(t *testing.T, name string, got, want []float64) {
	t.Helper()
	for i := range want {
		if !(math.Abs(got[i]-want[i]) < 1e-12) {
			t.Errorf("%s[%d] is %v, not %v", name, i, got[i], want[i])
		}
	}
}
