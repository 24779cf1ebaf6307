package goasm

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradc/gradc/compiler/winograd"
)

// TestWinogradTransforms compares the transforms of tiles and channels with their definition.
func TestWinogradTransforms(t *testing.T) {
	bt, at := winograd.BT(), winograd.AT()
	h := newHarness(t)
	r := rand.New(rand.NewPCG(9, 10))
	for _, c := range []struct {
		name   string
		params string
		emit   func(a *assembler)
		matrix [][]float64
		pixels bool // the argument is pixels in rows, not numbers a step apart
	}{
		{"winogradInput", "v, x []float32, row, tiles, step, next int", (*assembler).winogradInput, bt, true},
		{"winogradOutput", "y, m []float32, row, tiles, step int", (*assembler).winogradOutput, at, false},
		{"winogradGradient", "h, dy []float32, row, tiles, step, next int",
			(*assembler).winogradGradient, winograd.Transpose(at), true},
	} {
		h.kernel(c.name, c.params, c.emit)
		for _, tiles := range []int{1, 3} {
			from, to := square(len(c.matrix[0])), square(len(c.matrix))
			row := (winograd.Tile*(tiles-1)+winograd.Patch)*Lanes + 32
			step := (tiles + 1) * Lanes
			image := lattice{from, row, Lanes, winograd.Tile * Lanes}
			numbers := lattice{to, len(c.matrix) * step, step, Lanes}
			if !c.pixels {
				numbers = lattice{from, len(c.matrix[0]) * step, step, Lanes}
				image = lattice{to, row, Lanes, winograd.Tile * Lanes}
			}
			x, y := image, numbers
			if !c.pixels {
				x, y = numbers, image
			}
			h.transform(c.name, c.matrix, r, x, y, tiles, []int{row, tiles, step, 1 << 20}) // nothing to fetch
		}
	}
	h.run()
}

func square(n int) int { return n * n }

// lattice tells where the vectors of a square lie, and those of the next.
type lattice struct{ count, row, column, next int }

func (l lattice) offset(i, item int) int {
	side := int(math.Sqrt(float64(l.count)))
	return i/side*l.row + i%side*l.column + item*l.next
}

func (l lattice) size(items int) int { return l.offset(l.count-1, items-1) + Lanes }

// transform adds a call of a transform of some items.
func (h *harness) transform(
	name string, matrix [][]float64, r *rand.Rand, from, to lattice, items int, ints []int,
) {
	x, y := randomFloats(r, from.size(items)), poisoned(to.size(items))
	var offsets []int
	var want []float64
	for item := range items {
		for lane := range Lanes {
			in := make([]float64, from.count)
			for i := range in {
				in[i] = float64(x[from.offset(i, item)+lane])
			}
			for i, v := range winograd.Apply(matrix, in) {
				offsets, want = append(offsets, to.offset(i, item)+lane), append(want, v)
			}
		}
	}
	h.call(name, y, x, nil, ints, offsets, want)
}

func randomFloats(r *rand.Rand, n int) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = float32(r.NormFloat64())
	}
	return s
}

func poisoned(n int) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = float32(math.NaN())
	}
	return s
}

// TestWinogradWeights compares the transform of kernels, as they are and turned around, and that
// of sums to the gradient of kernels.
func TestWinogradWeights(t *testing.T) {
	const channels, step, taps = 3, 5 * Lanes, winograd.Kernel * winograd.Kernel
	h := newHarness(t)
	r := rand.New(rand.NewPCG(11, 12))
	numbers := lattice{winograd.Numbers, winograd.Patch * step, step, Lanes}
	kernel := lattice{taps, winograd.Kernel * Lanes, Lanes, taps * Lanes}
	h.kernel("winogradWeights", "u, w []float32, first, next, channels, step int",
		(*assembler).winogradWeights)
	h.transform("winogradWeights", winograd.G(), r, kernel, numbers, channels,
		[]int{0, Lanes, channels, step})
	turned := winograd.G()
	for _, row := range turned {
		row[0], row[2] = row[2], row[0]
	}
	h.transform("winogradWeights", turned, r, kernel, numbers, channels,
		[]int{(taps - 1) * Lanes, -Lanes, channels, step})
	h.kernel("winogradKernel", "dw, s []float32, channels, step int", (*assembler).winogradKernel)
	h.transform("winogradKernel", winograd.Transpose(winograd.G()), r, numbers, kernel, channels,
		[]int{channels, step})
	h.run()
}

// TestWinogradProducts compares the products with their definition.
func TestWinogradProducts(t *testing.T) {
	h := newHarness(t)
	r := rand.New(rand.NewPCG(13, 14))
	h.kernel("winogradProduct", "m, v, u []float32, tiles, step int", (*assembler).winogradProduct)
	h.kernel("winogradSum", "s, v, h []float32, tiles int", (*assembler).winogradSum)
	for tiles := range 41 {
		if tiles != winograd.Fill(tiles) || tiles == 0 {
			continue
		}
		h.winogradProduct(r, tiles, 1+tiles%3)
		h.winogradSum(r, tiles)
	}
	for _, blocks := range []int{cacheBlock, cacheBlock + 1, 2*cacheBlock + 3} {
		h.winogradProduct(r, 22, blocks)
	}
	h.run()
}

func (h *harness) winogradProduct(r *rand.Rand, tiles, blocks int) {
	step := (tiles + 2) * Lanes
	v := randomFloats(r, (blocks-1)*step+tiles*Lanes)
	u := randomFloats(r, blocks*Lanes*Lanes)
	var offsets []int
	var want []float64
	for i := range tiles * Lanes {
		sum := 0.0
		for c := range blocks * Lanes {
			sum += float64(v[c/Lanes*step+i/Lanes*Lanes+c%Lanes]) *
				float64(u[c*Lanes+i%Lanes])
		}
		offsets, want = append(offsets, i), append(want, sum)
	}
	h.call("winogradProduct", poisoned(tiles*Lanes), v, u, []int{tiles, step}, offsets, want)
}

func (h *harness) winogradSum(r *rand.Rand, tiles int) {
	v, g := randomFloats(r, tiles*Lanes), randomFloats(r, tiles*Lanes)
	s := randomFloats(r, Lanes*Lanes)
	var offsets []int
	var want []float64
	for i, before := range s {
		sum := float64(before)
		for tile := range tiles {
			sum += float64(v[tile*Lanes+i/Lanes]) * float64(g[tile*Lanes+i%Lanes])
		}
		offsets, want = append(offsets, i), append(want, sum)
	}
	h.call("winogradSum", s, v, g, []int{tiles}, offsets, want)
}
