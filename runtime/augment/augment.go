// Package augment turns the bytes of an image into the numbers that a network takes: it normalises
// them and, while training, crops and mirrors at random.
package augment

import (
	"fmt"
	"slices"

	"github.com/gradc/gradc/runtime/philox"
)

// Pipeline is what happens to an image on its way into a batch. For training it is cut out at
// random from itself with a border of zeros, then mirrored every other time; then, always, it is
// normalised:
//
//	out = (pixel/255 - Mean[channel]) / Std[channel]
//
// The border is zero as a pixel, before it is normalised.
type Pipeline struct {
	Mean, Std []float32 // one per channel; empty means 0 and 1
	Crop      int       // width of the border in pixels, the largest shift in each direction
	Flip      bool      // mirror left to right, with probability 1/2
}

// Check reports what keeps the pipeline from images of that many channels.
func (p *Pipeline) Check(channels int) error {
	for _, values := range []struct {
		name string
		n    int
	}{{"mean", len(p.Mean)}, {"standard deviation", len(p.Std)}} {
		if values.n != 0 && values.n != channels {
			return fmt.Errorf("augment: %d values of the %s for images of %d channels; give one each",
				values.n, values.name, channels)
		}
	}
	for channel, std := range p.Std {
		if !(std > 0) {
			return fmt.Errorf("augment: the standard deviation of channel %d is %v; it must be above 0",
				channel, std)
		}
	}
	if p.Crop < 0 {
		return fmt.Errorf("augment: a crop of %d pixels; it must be 0 or more", p.Crop)
	}
	return nil
}

// Apply writes an image of c planes of h by w pixels from src to dst, both of c·h·w elements. What
// is random happens only if train is set, and depends on seed, epoch and sample alone. The pipeline
// must have passed Check.
func (p *Pipeline) Apply(dst []float32, src []byte, c, h, w int, seed uint64, epoch, sample int,
	train bool) {
	var move motion
	if train {
		move = p.draw(seed, epoch, sample)
	}
	for channel := range c {
		mean, std := float32(0), float32(1)
		if len(p.Mean) > 0 {
			mean = p.Mean[channel]
		}
		if len(p.Std) > 0 {
			std = p.Std[channel]
		}
		plane := channel * h * w
		norm := scale{by: 1 / (255 * std), less: mean / std}
		norm.plane(dst[plane:plane+h*w], src[plane:plane+h*w], w, move)
	}
}

// motion takes pixel (y+dy, x+dx) to (y, x), and then mirrors.
type motion struct {
	dy, dx int
	flip   bool
}

// draw draws the motion of one sample in one epoch.
func (p *Pipeline) draw(seed uint64, epoch, sample int) (m motion) {
	random := philox.Key{Seed: seed, Purpose: philox.Augment}.Stream(uint32(epoch), uint32(sample))
	if p.Crop > 0 {
		m.dy = random.IntN(2*p.Crop+1) - p.Crop
		m.dx = random.IntN(2*p.Crop+1) - p.Crop
	}
	if p.Flip {
		m.flip = random.Uint32()&1 == 1
	}
	return m
}

// scale normalises the pixels of a channel: out = pixel·by - less.
type scale struct{ by, less float32 }

// plane moves and normalises a plane of rows of w pixels.
func (s scale) plane(dst []float32, src []byte, w int, m motion) {
	h := len(dst) / w
	begin := min(max(0, -m.dx), w) // columns from begin to end come from the image
	end := max(begin, min(w, w-m.dx))
	for y := range h {
		row := dst[y*w : (y+1)*w]
		if from := y + m.dy; from < 0 || from >= h {
			s.border(row)
			continue
		}
		s.border(row[:begin])
		s.border(row[end:])
		if begin < end {
			first := (y+m.dy)*w + m.dx
			s.pixels(row[begin:end], src[first+begin:first+end])
		}
		if m.flip {
			slices.Reverse(row)
		}
	}
}

// pixels normalises; the product is rounded by itself, so that no processor fuses it with the
// difference and all compute the same.
func (s scale) pixels(dst []float32, src []byte) {
	src = src[:len(dst)]
	for i := range dst {
		dst[i] = float32(float32(src[i])*s.by) - s.less
	}
}

// border writes normalised zeros.
func (s scale) border(dst []float32) {
	for i := range dst {
		dst[i] = 0 - s.less
	}
}
