package data

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/runtime/parallel"
)

// The digits are the same bytes on every machine, so their checksums can stand here.
func TestDigits(t *testing.T) {
	train, test, err := Open("digits", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, split := range []struct {
		set    *Set
		n      int
		images string // SHA-256
	}{
		{train, 10_000, "a4b9d77caa2950da5888b6ff397063cb6ffbf5d6fffd59d4210785fefa7d7ba8"},
		{test, 2_000, "7bce78bd73728e217363e11c236a60174af31db571dddab87c23fc0a4218ea35"},
	} {
		set := split.set
		got := []int{set.Len(), set.Channels, set.Height, set.Width, set.Classes, len(set.Images)}
		if diff := cmp.Diff([]int{split.n, 1, 28, 28, 10, split.n * 784}, got); diff != "" {
			t.Errorf("sizes (-want +got):\n%s", diff)
		}
		sum := sha256.Sum256(set.Images)
		if got := hex.EncodeToString(sum[:]); got != split.images {
			t.Errorf("%d images have SHA-256 %s, want %s", split.n, got, split.images)
		}
		var counts [10]int
		for _, label := range set.Labels {
			counts[label]++
		}
		for digit, n := range counts {
			if n < split.n*8/100 || n > split.n*12/100 {
				t.Errorf("%d of %d images show a %d", n, split.n, digit)
			}
		}
	}
}

func TestDigitsAreIndependentOfThreads(t *testing.T) {
	glyphs, err := loadGlyphs()
	if err != nil {
		t.Fatal(err)
	}
	draw := func(threads, n int) (images, labels []byte) {
		pool := parallel.NewPool(threads)
		defer pool.Close()
		return drawDigits(pool, glyphs, 0, n)
	}
	wantImages, wantLabels := draw(1, 1001)
	for _, threads := range []int{2, 3, 8} {
		images, labels := draw(threads, 1001)
		if !bytes.Equal(images, wantImages) || !bytes.Equal(labels, wantLabels) {
			t.Errorf("%d threads draw other digits than 1", threads)
		}
	}
	// A digit does not depend on how many are drawn, either.
	images, labels := draw(2, 300)
	if !bytes.Equal(images[16:], wantImages[16:16+300*digitArea]) ||
		!bytes.Equal(labels[8:], wantLabels[8:308]) {
		t.Error("the first 300 digits of 300 are not those of 1001")
	}
}

// square is a square of that many pixels around the origin, run round one way or the other.
func square(pixels int64, clockwise bool) []point {
	a := pixels * subpixels / 2
	corners := []point{{-a, -a}, {a, -a}, {a, a}, {-a, a}}
	if !clockwise {
		corners[1], corners[3] = corners[3], corners[1]
	}
	return corners
}

func TestFill(t *testing.T) {
	middle := int64(digitSide * subpixels / 2)
	identity := affine{xx: one, yy: one, x0: middle, y0: middle}
	moved, turned, wide, out := identity, identity, identity, identity
	moved.x0 += subpixels / 2
	turned.xx, turned.xy, turned.yx, turned.yy = 0, -one, one, 0
	wide.xx = 2 * one
	out.x0 = 0
	tests := []struct {
		name     string
		contours [][]point
		affine   affine
		pixels   float64 // area
		corner   int32   // coverage of the pixel at row 9, column 9
	}{
		{"square", [][]point{square(10, true)}, identity, 100, fullCoverage},
		{"other way", [][]point{square(10, false)}, identity, 100, fullCoverage},
		{"moved", [][]point{square(10, true)}, moved, 100, fullCoverage / 2},
		{"turned", [][]point{square(10, true)}, turned, 100, fullCoverage},
		{"wide", [][]point{square(10, true)}, wide, 200, fullCoverage},
		{"half outside", [][]point{square(10, true)}, out, 50, 0},
		{"hole", [][]point{square(10, true), square(4, false)}, identity, 84, fullCoverage},
		{"overlap", [][]point{square(10, true), square(4, true)}, identity, 100, fullCoverage},
		{"larger than the image", [][]point{square(40, true)}, identity, 784, fullCoverage},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			pen := new(pen)
			pen.fill(&glyph{test.contours}, test.affine)
			sum := 0.0
			for _, c := range pen.coverage {
				sum += float64(c) / fullCoverage
			}
			if sum != test.pixels {
				t.Errorf("an area of %v pixels, want %v", sum, test.pixels)
			}
			if got := pen.coverage[9*digitSide+9]; got != test.corner {
				t.Errorf("the corner's coverage is %d, want %d", got, test.corner)
			}
		})
	}
}

// A diagonal's pixels are covered by half.
func TestFillTriangle(t *testing.T) {
	pen := new(pen)
	size := int64(digitSide * subpixels)
	pen.fill(&glyph{[][]point{{{0, 0}, {size, 0}, {0, size}}}}, affine{xx: one, yy: one})
	for i := range digitSide {
		diagonal := i*digitSide + digitSide - 1 - i
		if c := pen.coverage[diagonal]; c != fullCoverage/2 {
			t.Errorf("row %d: the diagonal's coverage is %d of %d", i, c, fullCoverage)
		}
		if i > 0 && (pen.coverage[diagonal-digitSide] != fullCoverage) {
			t.Errorf("row %d: the pixel above the diagonal is not full", i)
		}
	}
}
