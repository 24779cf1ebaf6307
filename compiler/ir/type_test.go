package ir_test

import (
	"slices"
	"testing"

	"github.com/gradc/gradc/compiler/ir"
)

func TestTypesReadBack(t *testing.T) {
	for _, text := range []string{
		"f32[1]", "i32[128]", "f32[128,10]", "f32[2,3,4]", "f32[2,3,4,5]", "f32[2,3,4,5]+1x1",
		"f32[2,3,4,5]nchw16c", "f32[2,3,4,5]nchw16c+0x2", "f32[2,3,4,5]oihw16o",
		"f32[2,3,4,5]iohw16i", "f32[1,2,3,4,5]", "f32[2,3,4,5]nhwc+1x0", "f32[2,3,4,5]nchw8c",
		"f16[7]", "bf16[2,3,4,5]nhwc+1x1", "u8[2,3,4,5]",
	} {
		typ, err := ir.ParseType(text)
		if err != nil {
			t.Error(err)
		} else if typ.String() != text {
			t.Errorf("%s reads back as %s", text, typ)
		}
	}
}

func TestParseTypeErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"f32", `type "f32": want f32[...] or i32[...]`},
		{"f64[2]", `type "f64[2]": unknown element type "f64"`},
		{"f32[]", `type "f32[]": size "" is not a positive number`},
		{"f32[2,-1]", `type "f32[2,-1]": size "-1" is not a positive number`},
		{"f32[2]nchw16c", `type "f32[2]nchw16c": layout nchw16c is for 4 axes`},
		{"f32[2]+1x1", `type "f32[2]+1x1": layout +1x1 is for 4 axes`},
		{"f32[1,1,1,1]nhcc",
			`type "f32[1,1,1,1]nhcc": unknown layout "nhcc": want axes as in nhwc or nchw16c`},
		{"f32[1,1,1,1]+1", `type "f32[1,1,1,1]+1": border "1" is not of the form 1x1`},
		{"f32[1,1,1,1]+1x1x1", `type "f32[1,1,1,1]+1x1x1": border "1x1x1" is not of the form 1x1`},
		{"f32[1,1,1,1]+-1x1", `type "f32[1,1,1,1]+-1x1": border "-1x1" is not of the form 1x1`},
	} {
		if typ, err := ir.ParseType(c.text); err == nil || err.Error() != c.want {
			t.Errorf("%q: type %s, error %v, want %s", c.text, typ, err, c.want)
		}
	}
}

func TestPlaceOffsets(t *testing.T) {
	for _, c := range []struct {
		typ    string
		coord  []int
		offset int
		size   int
		reason string
	}{
		{"f32[3,5]", []int{2, 1}, 11, 15, "row-major"},
		{"f32[2,3,4,5]", []int{1, 2, 3, 4}, 119, 120, "row-major"},
		{"f32[2,3,4,5]+1x2", []int{0, 0, 0, 0}, 9 + 2, 2 * 3 * 6 * 9, "behind the border"},
		{"f32[2,20,4,5]nchw16c", []int{1, 17, 3, 4}, ((1*2+1)*20+19)*16 + 1, 2 * 2 * 20 * 16,
			"20 channels are two blocks"},
		{"f32[2,20,4,5]nchw16c+1x1", []int{0, 3, 0, 0}, (7+1)*16 + 3, 2 * 2 * 6 * 7 * 16,
			"behind the border, lane 3"},
		{"f32[20,3,2,2]oihw16o", []int{17, 2, 1, 1}, (1*12+11)*16 + 1, 2 * 12 * 16,
			"output channels are lanes"},
		{"f32[20,3,2,2]iohw16i", []int{19, 2, 1, 1}, (19*4+3)*16 + 2, 20 * 4 * 16,
			"input channels are lanes, and outermost"},
		{"f32[2,3,4,5]nhwc+1x1", []int{1, 2, 0, 0}, (1*42+7+1)*3 + 2, 2 * 42 * 3,
			"channels lie innermost, the border is of whole pixels"},
		{"f32[2,9,4,5]nchw4c", []int{1, 8, 0, 0}, (1*3 + 2) * 20 * 4, 2 * 3 * 20 * 4,
			"9 channels are three blocks of 4"},
	} {
		typ, err := ir.ParseType(c.typ)
		if err != nil {
			t.Fatal(err)
		}
		p := typ.Place()
		if got := p.Offset(c.coord...); got != c.offset || p.Size != c.size {
			t.Errorf("%s: %v lies at %d of %d, want %d of %d: %s", c.typ, c.coord, got, p.Size,
				c.offset, c.size, c.reason)
		}
	}
}

// TestPlacesAreDistinct checks that no two elements share a place, and that all lie within.
func TestPlacesAreDistinct(t *testing.T) {
	for _, text := range []string{
		"f32[7]", "f32[3,5]", "f32[2,3,4,5]", "f32[2,3,4,5]+2x1", "f32[2,17,3,5]nchw16c",
		"f32[2,33,1,2]nchw16c+1x3", "f32[17,3,2,3]oihw16o", "f32[17,18,1,3]iohw16i",
		"f32[2,3,2,2,3]", "f32[2,3,4,5]nhwc+1x2", "f32[2,5,2,3]nhwc4c", "f32[5,2,2,3]hwio2o",
	} {
		typ, err := ir.ParseType(text)
		if err != nil {
			t.Fatal(err)
		}
		p := typ.Place()
		taken := make([]bool, p.Size)
		coord := make([]int, len(typ.Shape))
		for range typ.Shape.Elements() {
			at := p.Offset(coord...)
			if at < 0 || at >= p.Size || taken[at] {
				t.Fatalf("%s: %v lies at %d of %d, taken or outside", text, coord, at, p.Size)
			}
			taken[at] = true
			for axis := range slices.Backward(coord) {
				if coord[axis]++; coord[axis] < typ.Shape[axis] {
					break
				}
				coord[axis] = 0
			}
		}
	}
}
