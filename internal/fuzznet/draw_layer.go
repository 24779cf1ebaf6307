package fuzznet

import "slices"

// block draws some layers over images.
func (d *drawer) block(depth int) []Layer {
	switch {
	case depth < 2 && d.chance(4):
		return d.combination(depth)
	case d.chance(5):
		return d.pool()
	case d.chance(4):
		return d.elementwise()
	}
	list := d.conv()
	if d.chance(2) {
		list = append(list, d.norm()...)
	}
	if !d.chance(4) {
		list = append(list, d.activation())
	}
	return list
}

// features draws some layers over features.
func (d *drawer) features(depth int) []Layer {
	switch {
	case depth < 2 && d.chance(5):
		return d.featureCombination(depth)
	case d.chance(6):
		return d.elementwise()
	}
	width := d.size(mostFeatures)
	for tries := 0; !d.fits(d.shape[0]*width, width); tries++ {
		if width = 1 + d.IntN(width); tries > 6 {
			return d.elementwise()
		}
	}
	d.shape = []int{width}
	list := []Layer{d.weights(Layer{Kind: "Linear", Size: width})}
	if d.chance(3) {
		list = append(list, d.norm()...)
	}
	if !d.chance(4) {
		list = append(list, d.activation())
	}
	return list
}

// elementwise draws layers that leave the shape as it is.
func (d *drawer) elementwise() []Layer {
	if d.chance(3) {
		return d.norm()
	}
	return []Layer{d.activation()}
}

// activation draws a layer without parameters. Their numbers are exact in float32, so that a bend
// lies at the same place there.
func (d *drawer) activation() Layer {
	switch d.IntN(12) {
	case 0, 1:
		return Layer{Kind: "LeakyReLU",
			Value: []float64{0.125, 0.25, 0, 1, -0.5, 1.0 / 128}[d.IntN(6)]}
	case 2:
		return Layer{Kind: "Sigmoid"}
	case 3:
		return Layer{Kind: "SELU"}
	case 4:
		return Layer{Kind: "Softplus", Value: []float64{0.5, 1, 2}[d.IntN(3)],
			Threshold: []float64{4, 20}[d.IntN(2)]}
	case 5:
		return Layer{Kind: "Scale", Value: []float64{0.5, -1.5, 2, 1}[d.IntN(4)]}
	case 6, 7:
		return Layer{Kind: "Dropout", Value: []float64{0, 0.125, 0.5, 0.75}[d.IntN(4)]}
	case 8:
		if d.chance(2) {
			return Layer{Kind: "Softmax"}
		}
	}
	return Layer{Kind: "ReLU"}
}

// norm draws a batch norm, or nothing where a channel would have too few elements to vary.
func (d *drawer) norm() []Layer {
	count := d.batch
	for _, size := range d.shape[1:] {
		count *= size
	}
	if count < 3 {
		return nil
	}
	l := Layer{Kind: "BatchNorm", NoAffine: d.chance(4)}
	if d.chance(3) {
		l.Momentum = []float64{0.25, 1, 0.5}[d.IntN(3)]
	}
	if d.chance(3) {
		l.Eps = []float64{1e-3, 0.01, 1e-4}[d.IntN(3)]
	}
	return []Layer{l}
}

// conv draws a convolution, or an activation where none fits.
func (d *drawer) conv() []Layer {
	if d.last != nil && d.chance(3) {
		if l := d.weights(d.akin(*d.last)); d.take(&l) {
			return []Layer{l}
		}
	}
	for range 8 {
		l := d.weights(Layer{Kind: "Conv2D", Size: d.size(mostChannels)})
		l.Kernel = [][2]int{{3, 3}, {3, 3}, {1, 1}, {5, 5}, d.pair(1, 4), d.pair(1, 7)}[d.IntN(6)]
		if d.chance(3) {
			l.Stride = d.pair(1, 3)
		}
		if d.chance(4) {
			l.Dilation = d.pair(1, 3)
		}
		switch d.IntN(4) {
		case 0:
			l.Padding = d.pair(0, 4)
		case 1, 2:
			l.Padding = [2]int{l.Kernel[0] / 2, l.Kernel[1] / 2}
		}
		if d.take(&l) {
			d.last = &l
			return []Layer{l}
		}
	}
	return []Layer{d.activation()}
}

// akin is a convolution like another one, but of another number of channels in as many blocks of 16:
// what is emitted for both differs in little.
func (d *drawer) akin(l Layer) Layer {
	blocks := (l.Size + 15) / 16
	l.Size = min(mostChannels, 16*blocks-d.IntN(2)*d.IntN(16))
	return l
}

// take puts a layer with a window behind the others, if it fits.
func (d *drawer) take(l *Layer) bool {
	var out [2]int
	for i := range out {
		stride, dilation := max(1, l.Stride[i]), max(1, l.Dilation[i])
		if l.Kind != "Conv2D" && l.Stride[i] == 0 {
			stride = l.Kernel[i]
		}
		rest := d.shape[1+i] + 2*l.Padding[i] - dilation*(l.Kernel[i]-1) - 1
		if rest < 0 {
			return false
		}
		out[i] = rest/stride + 1
	}
	channels, in := d.shape[0], 1
	if l.Kind == "Conv2D" {
		channels, in = l.Size, d.shape[0]
	}
	elements := channels * out[0] * out[1]
	if !d.fits(elements*in*l.Kernel[0]*l.Kernel[1], elements) {
		return false
	}
	d.shape = []int{channels, out[0], out[1]}
	return true
}

// pool draws a pooling layer, or nothing where none fits.
func (d *drawer) pool() []Layer {
	for range 8 {
		l := Layer{Kind: []string{"MaxPool", "AvgPool"}[d.IntN(2)]}
		l.Kernel = [][2]int{{2, 2}, {3, 3}, d.pair(1, 4)}[d.IntN(3)]
		if d.chance(2) {
			l.Stride = d.pair(1, 3)
		}
		if d.chance(3) {
			l.Padding = [2]int{d.IntN(l.Kernel[0]/2 + 1), d.IntN(l.Kernel[1]/2 + 1)}
		}
		if d.take(&l) {
			return []Layer{l}
		}
	}
	return nil
}

func (d *drawer) globalPool() Layer {
	d.shape = []int{d.shape[0], 1, 1}
	return Layer{Kind: []string{"GlobalAvgPool", "GlobalMaxPool"}[d.IntN(2)]}
}

func (d *drawer) flatten() Layer {
	d.shape = []int{d.shape[0] * d.shape[1] * d.shape[2]}
	return Layer{Kind: "Flatten"}
}

// combination draws a combination of layers over images.
func (d *drawer) combination(depth int) []Layer {
	switch d.IntN(6) {
	case 0, 1:
		return []Layer{{Kind: "Residual", Body: d.keeping(depth)}}
	case 2:
		return d.branches()
	case 3: // a factor for each channel
		before := d.shape
		gate := []Layer{d.globalPool()}
		gate = append(append(gate, d.same(before[0], 1)...), Layer{Kind: "Sigmoid"})
		d.shape = before
		return []Layer{{Kind: "Multiply", Other: gate}}
	case 4:
		if body := d.same(d.shape[0], 3); len(body) > 0 {
			return []Layer{{Kind: "Repeat", Body: append(body, d.activation())}}
		}
	case 5:
		return []Layer{{Kind: "Shared", Other: []Layer{d.activation()}, Body: d.conv()}}
	}
	return d.elementwise()
}

// keeping draws layers over images whose result is as large as their input.
func (d *drawer) keeping(depth int) []Layer {
	before := slices.Clone(d.shape)
	var list []Layer
	if depth < 1 && d.chance(3) {
		list = append(list, d.same(d.size(mostChannels), 1+2*d.IntN(2))...)
		list = append(list, d.elementwise()...)
	}
	last := d.same(before[0], 1+2*d.IntN(3))
	if len(last) == 0 && d.shape[0] != before[0] { // too much work: without what was drawn
		d.shape, list = before, nil
	}
	list = append(append(list, last...), d.elementwise()...)
	if len(list) == 0 {
		list = []Layer{d.activation()}
	}
	return list
}

// same draws a convolution whose result is as high and wide as its input, or nothing.
func (d *drawer) same(channels, kernel int) []Layer {
	l := d.weights(Layer{Kind: "Conv2D", Size: channels, Kernel: [2]int{kernel, kernel},
		Padding: [2]int{kernel / 2, kernel / 2}})
	if kernel > 1 && d.chance(4) {
		l.Dilation = [2]int{2, 2}
		l.Padding = [2]int{kernel - 1, kernel - 1}
	}
	if !d.take(&l) {
		return nil
	}
	return []Layer{l}
}

// branches draws two ways that yield the same shape, and adds or multiplies their results.
func (d *drawer) branches() []Layer {
	kind := []string{"Add", "Add", "Multiply"}[d.IntN(3)]
	before, work := d.shape, d.work
	way := func(kernel int, base Layer) (Layer, bool) {
		base.Kernel = [2]int{kernel, kernel}
		base.Padding = [2]int{kernel / 2, kernel / 2}
		d.shape = before
		return base, d.take(&base)
	}
	stride := d.pair(1, 3)
	a, b := Layer{Kind: "MaxPool", Stride: stride}, Layer{Kind: "AvgPool", Stride: stride}
	if !d.chance(3) {
		size := d.size(mostChannels)
		a = d.weights(Layer{Kind: "Conv2D", Stride: stride, Size: size})
		b = d.weights(Layer{Kind: "Conv2D", Stride: stride, Size: size})
	}
	first, ok1 := way(3, a)
	second, ok2 := way(1, b)
	if !ok1 || !ok2 {
		d.shape, d.work = before, work
		return d.elementwise()
	}
	return []Layer{{Kind: kind, Body: append([]Layer{first}, d.norm()...),
		Other: []Layer{second}}}
}

// featureCombination draws a combination of layers over features.
func (d *drawer) featureCombination(depth int) []Layer {
	width := d.shape[0]
	if !d.fits(2*width*width, width) {
		return d.elementwise()
	}
	linear := d.weights(Layer{Kind: "Linear", Size: width})
	kept := []Layer{linear, d.activation()}
	switch d.IntN(4) {
	case 0:
		return []Layer{{Kind: "Repeat", Body: kept}}
	case 1:
		return []Layer{{Kind: "Shared", Body: kept, Other: []Layer{d.activation()}}}
	case 2:
		return []Layer{{Kind: "Multiply", Other: kept}}
	}
	return []Layer{{Kind: "Residual", Body: append(kept, d.norm()...)}}
}
