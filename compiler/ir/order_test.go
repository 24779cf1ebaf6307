package ir_test

import (
	"testing"

	"github.com/gradc/gradc/compiler/ir"
)

func TestParseOrder(t *testing.T) {
	for _, name := range []string{"", "nhwc", "nchw16c", "nhwc8c", "hwio", "oihw4o", "wnch", "nchw12n"} {
		if o, err := ir.ParseOrder(name); err != nil || string(o) != name {
			t.Errorf("%q is read as %q, error %v", name, o, err)
		}
	}
	for _, c := range []struct{ name, reason string }{
		{"nchw", "row-major has no name"}, {"oihw", "row-major has no name"},
		{"nhw", "an axis is missing"}, {"nhwh", "an axis comes twice"},
		{"nhwi", "an axis is not one of images"}, {"oihc", "an axis is not one of weights"},
		{"nhwc16", "it is not said which axis is in blocks"}, {"nchwc", "nor of how many"},
		{"nchw1c", "a block of one is none"}, {"nchw-4c", "a size is positive"},
		{"nchw016c", "a size has one way to be written"}, {"nchw16o", "images have no such axis"},
		{"nchw16h", "rows are not cut"}, {"NHWC", "names are in lower case"},
	} {
		if o, err := ir.ParseOrder(c.name); err == nil {
			t.Errorf("%q is read as %q: %s", c.name, o, c.reason)
		}
	}
}

// TestDense compares what is said to be row-major with the places of all elements.
func TestDense(t *testing.T) {
	dense := 0
	for _, order := range []ir.Order{"", "nhwc", "nchw4c", "nhwc4c", "cnhw", "oihw4o", "iohw4i", "hwoi4o"} {
		for _, halo := range [][2]int{{}, {1, 0}} {
			for i := range 3 * 3 * 2 * 2 {
				shape := []int{[]int{1, 4, 5}[i%3], []int{1, 4, 8}[i/3%3], 1 + i/9%2, 1 + i/18}
				typ := ir.Float32(shape...).With(ir.Layout{Order: order, Halo: halo})
				want := rowMajor(typ)
				if want {
					dense++
				}
				if got := typ.Dense(); got != want {
					t.Errorf("%s is row-major: %v, want %v", typ, got, want)
				}
			}
		}
	}
	if dense < 40 {
		t.Errorf("%d of the types are row-major, too few", dense)
	}
}

// rowMajor reports whether every element lies where it does in row-major order, without gaps.
func rowMajor(t ir.Type) bool {
	p, plain := t.Place(), ir.Float32(t.Shape...).Place()
	same := p.Size == plain.Size
	for n := range t.Shape[0] {
		for c := range t.Shape[1] {
			for h := range t.Shape[2] {
				for w := range t.Shape[3] {
					same = same && p.Offset(n, c, h, w) == plain.Offset(n, c, h, w)
				}
			}
		}
	}
	return same
}
