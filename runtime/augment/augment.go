// Package augment turns the bytes of an image into the numbers that a network takes: it normalises
// them and, while training, crops and mirrors at random.
package augment

import (
	"fmt"

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
