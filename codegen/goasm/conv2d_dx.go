package goasm

import "github.com/gradc/gradc/compiler/ir"

// The gradient of images, from dy, is a convolution of dy with the kernel turned around. With a
// stride, the pixels whose row and column leave the same rests when divided by the stride meet the
// same taps: they are a convolution by themselves, of stride 1, with every so manieth tap:
//
//	y[q·stride + rest] = Σ_c,m x[q + first - m·step][c]·w[c][from + m·every]
//
// where every = stride/g and step = dilation/g for the greatest common divisor g of both. Pixels
// that no tap meets are zeros.

// phases returns the convolutions that a convolution is made of: itself if it is not turned around.
func (c conv) phases() []conv {
	if !c.turned {
		return []conv{c}
	}
	var phases []conv
	for _, down := range c.phasesOf(0) {
		for _, right := range c.phasesOf(1) {
			phases = append(phases, c.phase([2]phase{down, right}))
		}
	}
	return phases
}

// phase is a number of pixels along one axis and the taps that they meet.
type phase struct{ rest, pixels, from, every, taps, first, step int }

// phasesOf returns those of an axis that meet any tap.
func (c *conv) phasesOf(axis int) []phase {
	pixels, pad := [2]int{c.y.rows, c.y.columns}[axis], -c.first[axis]
	stride, dilation, taps := c.stride[axis], c.dilation[axis], c.kernel[axis]
	step := dilation / divisor(stride, dilation)
	every := stride / divisor(stride, dilation)
	var phases []phase
	for rest := range min(stride, pixels) {
		for from := range min(every, taps) {
			if at := rest + pad - from*dilation; at%stride == 0 {
				phases = append(phases, phase{rest, ir.Ceil(pixels-rest, stride), from, every,
					ir.Ceil(taps-from, every), at / stride, step})
			}
		}
	}
	return phases
}

// divisor returns the greatest common divisor.
func divisor(a, b int) int {
	for b > 0 {
		a, b = b, a%b
	}
	return a
}

// phase returns the convolution that yields the pixels of a phase of the rows and one of the
// columns.
func (c conv) phase(of [2]phase) conv {
	c.y.base += of[0].rest*c.y.row + of[1].rest*c.y.pixel
	c.y.rows, c.y.columns = of[0].pixels, of[1].pixels
	c.y.row, c.y.pixel = c.stride[0]*c.y.row, c.stride[1]*c.y.pixel
	c.turned = false
	for i, p := range of {
		c.kernel[i], c.stride[i] = p.taps, 1
		c.first[i], c.dilation[i] = p.first, -p.step
		c.taps.from[i], c.taps.every[i] = p.from, p.every
	}
	return c
}

// fits reports whether all that the kernel meets is within x and its border.
func (c *conv) fits() bool {
	x, y := [2]int{c.x.rows, c.x.columns}, [2]int{c.y.rows, c.y.columns}
	for i, border := range c.x.border {
		for _, pixel := range []int{0, y[i] - 1} {
			for _, k := range []int{0, c.kernel[i] - 1} {
				at := pixel*c.stride[i] + c.first[i] + k*c.dilation[i]
				if at < -border || at >= x[i]+border {
					return false
				}
			}
		}
	}
	return true
}
