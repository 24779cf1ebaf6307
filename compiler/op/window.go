package op

import (
	"fmt"

	"github.com/gradc/gradc/compiler/ir"
)

// window is the geometry of a kernel that slides over images: its size, and per axis (rows,
// columns) the stride, the padding on both sides and the dilation.
type window struct {
	kernel, stride, pad, dilation []int
}

// poolWindow reads the window of a pooling operation.
func poolWindow(a ir.Attrs) window {
	return window{a.Ints("kernel"), a.Ints("stride"), a.Ints("pad"), []int{1, 1}}
}

// check reports numbers that make no window.
func (w window) check() error {
	for _, p := range []struct {
		name string
		v    []int
		min  int
	}{{"kernel", w.kernel, 1}, {"stride", w.stride, 1}, {"padding", w.pad, 0},
		{"dilation", w.dilation, 1}} {
		if len(p.v) != 2 {
			return fmt.Errorf("%s has %s, want 2 (rows, columns)", p.name,
				ir.Plural(len(p.v), "number"))
		}
		if p.v[0] < p.min || p.v[1] < p.min {
			return fmt.Errorf("%s %s is less than %d", p.name, pair(p.v), p.min)
		}
	}
	return nil
}

// over returns the height and width of the result over images of type x, or an error where the
// window is larger than the padded images.
func (w window) over(x ir.Type) (oh, ow int, err error) {
	if err := w.check(); err != nil {
		return 0, 0, err
	}
	if err := wantImages(x); err != nil {
		return 0, 0, err
	}
	var out [2]int
	for i := range out {
		rest := x.Shape[2+i] + 2*w.pad[i] - w.dilation[i]*(w.kernel[i]-1) - 1
		if rest < 0 {
			return 0, 0, w.misfit(x)
		}
		out[i] = rest/w.stride[i] + 1
	}
	return out[0], out[1], nil
}

func (w window) misfit(x ir.Type) error {
	dilated := ""
	if w.dilation[0] != 1 || w.dilation[1] != 1 {
		dilated = " and dilation " + pair(w.dilation)
	}
	return fmt.Errorf("input has %s of %dx%d, kernel %dx%d with padding %s%s does not fit",
		ir.Plural(x.Shape[1], "channel"), x.Shape[2], x.Shape[3], w.kernel[0], w.kernel[1],
		pair(w.pad), dilated)
}

// pair returns "2" for [2,2] and "2x1" for [2,1].
func pair(v []int) string {
	if v[0] == v[1] {
		return fmt.Sprint(v[0])
	}
	return fmt.Sprintf("%dx%d", v[0], v[1])
}

// each calls f for every place (ky, kx) of the kernel that lies on an h×w image when the window is
// at (oy, ox), with the place's row and column (iy, ix) of the image, in row-major order.
func (w window) each(oy, ox, height, width int, f func(ky, kx, iy, ix int)) {
	for ky := range w.kernel[0] {
		iy := oy*w.stride[0] + ky*w.dilation[0] - w.pad[0]
		if iy < 0 || iy >= height {
			continue
		}
		for kx := range w.kernel[1] {
			ix := ox*w.stride[1] + kx*w.dilation[1] - w.pad[1]
			if ix >= 0 && ix < width {
				f(ky, kx, iy, ix)
			}
		}
	}
}
