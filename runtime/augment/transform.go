package augment

import "github.com/gradc/gradc/runtime/philox"

// Transform is a pipeline made ready for images of one shape: c planes of h by w pixels. A pixel
// has 256 values, so what normalisation makes of them is computed once for each channel.
type Transform struct {
	augment []Augmentation
	sites   []uint32 // of their streams
	h, w    int
	values  []values // one per channel
}

// values are what the pixels of a channel become.
type values [256]float32

// For returns the transform for images of c channels of h by w pixels, or the error of Check.
func (p *Pipeline) For(c, h, w int) (*Transform, error) {
	if err := p.Check(c); err != nil {
		return nil, err
	}
	t := &Transform{augment: p.Augment, sites: sites(p.Augment), h: h, w: w,
		values: make([]values, c)}
	for channel := range t.values {
		mean, std := float32(0), float32(1)
		if len(p.Mean) > 0 {
			mean = p.Mean[channel]
		}
		if len(p.Std) > 0 {
			std = p.Std[channel]
		}
		t.values[channel].fill(mean, std)
	}
	return t, nil
}

// fill computes the values of a channel:
//
//	(pixel/255 - mean)/std = pixel·(1/(255·std)) - mean/std
//
// The product is rounded by itself, so that no processor fuses it with the difference and all
// compute the same.
func (v *values) fill(mean, std float32) {
	by, less := 1/(255*std), mean/std
	for pixel := range v {
		v[pixel] = float32(float32(pixel)*by) - less
	}
}

// Apply writes an image from src to dst, both of c·h·w elements, planes one after the other. What
// is random happens only if train is set, and depends on seed, epoch and sample alone.
func (t *Transform) Apply(dst []float32, src []byte, seed uint64, epoch, sample int, train bool) {
	m := motion{h: t.h, w: t.w}
	if train {
		m = t.draw(seed, epoch, sample)
	}
	size := t.h * t.w
	for channel := range t.values {
		from := channel * size
		t.values[channel].plane(dst[from:from+size], src[from:from+size], m)
	}
}

// draw draws the motion of one sample in one epoch.
func (t *Transform) draw(seed uint64, epoch, sample int) motion {
	m := motion{h: t.h, w: t.w}
	for i, a := range t.augment {
		key := philox.Key{Seed: seed, Purpose: philox.Augment, Site: t.sites[i]}
		m = a.move(m, key.Stream(uint32(epoch), uint32(sample)))
	}
	return m
}

// plane moves and normalises a plane.
func (v *values) plane(dst []float32, src []byte, m motion) {
	w, bottom := m.w, m.h-m.bottom
	if m.empty() {
		v.border(dst)
		return
	}
	v.border(dst[:m.top*w])
	v.border(dst[bottom*w:])
	dst, src = dst[m.top*w:bottom*w], src[(m.top+m.dy)*w:(bottom+m.dy)*w]
	left, right := max(0, -m.dx), max(0, m.dx) // columns that are no pixels, before it is mirrored
	if m.flip {
		v.mirrored(dst, src, w, left, right)
	} else {
		v.pixels(dst[left:len(dst)-right], src[right:])
	}
	v.columns(dst, w, 0, m.left)
	v.columns(dst, w, w-m.right, w)
}

// pixels normalises pixels.
func (v *values) pixels(dst []float32, src []byte) {
	for len(src) >= 16 && len(dst) >= 16 {
		d, s := (*[16]float32)(dst), (*[16]byte)(src)
		d[0], d[1], d[2], d[3] = v[s[0]], v[s[1]], v[s[2]], v[s[3]]
		d[4], d[5], d[6], d[7] = v[s[4]], v[s[5]], v[s[6]], v[s[7]]
		d[8], d[9], d[10], d[11] = v[s[8]], v[s[9]], v[s[10]], v[s[11]]
		d[12], d[13], d[14], d[15] = v[s[12]], v[s[13]], v[s[14]], v[s[15]]
		dst, src = dst[16:], src[16:]
	}
	for i := range dst {
		dst[i] = v[src[i]]
	}
}

// mirrored normalises rows of w pixels from right to left. Of left and right, the columns that a
// shift leaves free, one is 0; what it writes there is to be replaced. Each row of the result is a
// whole row's length of pixels, which begin in one row and end in the next: but for the last row,
// or the first.
func (v *values) mirrored(dst []float32, src []byte, w, left, right int) {
	rest := len(dst) - w
	switch {
	case right > 0:
		v.mirrorRows(dst[:rest], src[right:], w)
		v.mirrorRows(dst[rest+right:], src[rest+right:], w-right)
	case left > 0:
		v.mirrorRows(dst[:w-left], src, w-left)
		v.mirrorRows(dst[w:], src[w-left:], w)
	default:
		v.mirrorRows(dst, src, w)
	}
}

// mirrorRows normalises rows of w pixels from right to left.
func (v *values) mirrorRows(dst []float32, src []byte, w int) {
	for ; len(dst) >= w && len(src) >= w; dst, src = dst[w:], src[w:] {
		to, from := dst[:w], src[:w]
		for len(to) >= 8 && len(from) >= 8 {
			rest := len(from) - 8
			d, s := (*[8]float32)(to), (*[8]byte)(from[rest:])
			d[0], d[1], d[2], d[3] = v[s[7]], v[s[6]], v[s[5]], v[s[4]]
			d[4], d[5], d[6], d[7] = v[s[3]], v[s[2]], v[s[1]], v[s[0]]
			to, from = to[8:], from[:rest]
		}
		for i := range to {
			to[i] = v[from[len(to)-1-i]]
		}
	}
}

// border writes normalised zeros.
func (v *values) border(dst []float32) {
	for i := range dst {
		dst[i] = v[0]
	}
}

// columns writes normalised zeros to some columns of rows of w pixels.
func (v *values) columns(dst []float32, w, begin, end int) {
	for ; begin < end; begin++ {
		for i := begin; i < len(dst); i += w {
			dst[i] = v[0]
		}
	}
}
