package dsl

// window is what moves over an image, in pixels as height and width.
type window struct {
	kernel, stride, padding, dilation []int
}

// window checks the options of a layer with a window. Without Stride, it moves by stride, or by
// the kernel's size if that is nil.
func (c *call) window(kernel int, s settings, stride []int) window {
	w := window{kernel: []int{kernel, kernel}}
	if s.width != 0 {
		w.kernel[1] = s.width
	}
	if stride == nil {
		stride = w.kernel
	}
	w.stride = c.pair("Stride", s.stride, stride)
	w.padding = c.pair("Padding", s.padding, []int{0, 0})
	w.dilation = c.pair("Dilation", s.dilation, []int{1, 1})
	c.sizes("kernel", w.kernel, 1)
	c.sizes("Stride", w.stride, 1)
	c.sizes("Padding", w.padding, 0)
	c.sizes("Dilation", w.dilation, 1)
	if s.same {
		c.want(s.padding == nil, "takes Same or Padding, not both")
		w.padding = c.samePadding(w.kernel, w.dilation)
	}
	return w
}

// pair returns one number twice, two numbers as they are, and the default for none.
func (c *call) pair(option string, size, otherwise []int) []int {
	switch {
	case size == nil:
		return otherwise
	case len(size) == 1:
		return []int{size[0], size[0]}
	case len(size) != 2:
		c.want(false, "%s takes one number, or height and width; it has %d", option, len(size))
		return otherwise
	}
	return size
}

// sizes wants height and width to be at least least; equal ones are looked at once.
func (c *call) sizes(what string, pair []int, least int) {
	c.size(what, pair[0], least)
	if pair[0] != pair[1] {
		c.size(what, pair[1], least)
	}
}

// samePadding returns the padding of Same.
func (c *call) samePadding(kernel, dilation []int) []int {
	padding := []int{0, 0}
	for axis := range padding {
		reach := dilation[axis] * (kernel[axis] - 1)
		if reach%2 != 0 {
			c.want(false, "Same needs an odd kernel or an even dilation, not kernel %d with "+
				"dilation %d", kernel[axis], dilation[axis])
			break
		}
		padding[axis] = reach / 2
	}
	return padding
}
