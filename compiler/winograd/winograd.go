// Package winograd holds the numbers of Winograd's minimal filtering algorithm F(4x4, 3x3), by
// which convolutions with kernels of 3x3 and stride 1 take a quarter of the multiplications. Tiles
// of 4x4 results y come from tiles of 6x6 pixels x and the kernel w by
//
//	y = Aᵀ·[(G·w·Gᵀ) ⊙ (Bᵀ·x·B)]·A,
//
// where ⊙ multiplies number by number: 36 products in place of 144. Over several channels the
// brackets add up, so each of the 36 numbers is a matrix product of its own. The gradient of w is
// what the same sum of products gives when y is known instead:
//
//	dw = Gᵀ·[Σ_tiles (A·dy·Aᵀ) ⊙ (Bᵀ·x·B)]·G
//
// S. Winograd, "Arithmetic Complexity of Computations" (1980); A. Lavin and S. Gray, "Fast
// Algorithms for Convolutional Neural Networks" (2016).
package winograd

import "github.com/gradc/gradc/compiler/ir"

// Sizes of the squares of numbers.
const (
	Tile    = 4             // rows and columns of results
	Kernel  = 3             // of weights
	Patch   = 6             // of pixels that a tile depends on: Tile + Kernel - 1
	Numbers = Patch * Patch // products for a tile
)

// Short names for the matrices.
const (
	p1, p2, p3 = Point1, Point1Square, Point1Cube
	q1, q2, q3 = Point2, Point2Square, Point2Cube
	w0, wp, wq = Weight0, Weight1, Weight2
)

// BT returns Bᵀ, which transforms pixels.
func BT() [][]float64 {
	return [][]float64{
		{p2 * q2, 0, -(p2 + q2), 0, 1, 0},
		{0, -p1 * q2, -q2, p1, 1, 0},
		{0, p1 * q2, -q2, -p1, 1, 0},
		{0, -q1 * p2, -p2, q1, 1, 0},
		{0, q1 * p2, -p2, -q1, 1, 0},
		{0, p2 * q2, 0, -(p2 + q2), 0, 1},
	}
}

// G returns G, which transforms kernels.
func G() [][]float64 {
	return [][]float64{
		{w0, 0, 0},
		{wp, wp * p1, wp * p2},
		{wp, -wp * p1, wp * p2},
		{wq, wq * q1, wq * q2},
		{wq, -wq * q1, wq * q2},
		{0, 0, 1},
	}
}

// AT returns Aᵀ, which makes results of products.
func AT() [][]float64 {
	return [][]float64{
		{1, 1, 1, 1, 1, 0},
		{0, p1, -p1, q1, -q1, 0},
		{0, p2, p2, q2, q2, 0},
		{0, p3, -p3, q3, -q3, 1},
	}
}

// Transpose returns mᵀ.
func Transpose(m [][]float64) [][]float64 {
	t := make([][]float64, len(m[0]))
	for i := range t {
		for _, row := range m {
			t[i] = append(t[i], row[i])
		}
	}
	return t
}

// Apply returns m·x·mᵀ for a square x of len(m[0]) rows and columns, row-major.
func Apply(m [][]float64, x []float64) []float64 {
	n := len(m[0])
	y := make([]float64, len(m)*len(m))
	for i, left := range m {
		for j, right := range m {
			for k := range n {
				for l := range n {
					y[i*len(m)+j] += left[k] * x[k*n+l] * right[l]
				}
			}
		}
	}
	return y
}

// Groups lists of how many tiles the products are computed at once, the most first. Fewer would
// leave multipliers waiting for each other.
func Groups() []int { return []int{6, 5, 4} }

// Group returns the largest of some groups that n tiles can begin with, if all of them are to be in
// groups; 0 if they cannot be.
func Group(groups []int, n int) int {
	for _, size := range groups {
		if size == n || size < n && Group(groups, n-size) > 0 {
			return size
		}
	}
	return 0
}

// Fill returns n or the least larger number of tiles that groups can be made of.
func Fill(n int) int {
	for Group(Groups(), n) == 0 {
		n++
	}
	return n
}

// Tiling is how results of some rows and columns are cut into tiles. A task transforms Rows rows of
// tiles at a time, of one image or of several that follow each other.
type Tiling struct {
	Down, Across int // tiles in an image
	Rows         int // at a time
	Tiles        int // at a time, filled up for the products
}

// cacheBlock is how many tiles there should be at a time: so many that the weights, which come from
// memory, are worth fetching, and so few that their elements stay in the cache.
const cacheBlock = 64

// Blocks is how many blocks of channels of the result are multiplied at a time.
const Blocks = 8

// NewTiling cuts results of a number of images, which a task computes.
func NewTiling(rows, columns, images int) Tiling {
	t := Tiling{Down: ir.Ceil(rows, Tile), Across: ir.Ceil(columns, Tile)}
	t.Rows = min(max(1, cacheBlock/t.Across), t.Down*images)
	t.Tiles = Fill(t.Rows * t.Across)
	return t
}

// Images returns how many images a task should have at least: as many as it transforms at a time.
func Images(rows, columns int) int {
	return max(1, cacheBlock/(ir.Ceil(rows, Tile)*ir.Ceil(columns, Tile)))
}

// Step returns how many vectors apart the numbers of a tile lie, where there are count of each: an
// odd number, for caches put lines that are a power of two apart into one place.
func Step(count int) int { return count | 1 }

// PatchRow returns how many pixels wide a row of whole tiles is, with those that they depend on.
func (t Tiling) PatchRow() int { return t.Across*Tile + Patch - Tile }
