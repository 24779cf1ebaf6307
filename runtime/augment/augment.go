// Package augment turns the bytes of an image into the numbers that a network takes: it normalises
// them and, while training, changes them at random.
package augment

import "fmt"

// Pipeline is what happens to an image on its way into a batch. For training it is augmented, in
// the order of the list; then, always, it is normalised:
//
//	out = (pixel/255 - Mean[channel]) / Std[channel]
//
// What comes in at an image's border is zero as a pixel, before it is normalised.
type Pipeline struct {
	Mean, Std []float32 // one per channel; empty means 0 and 1
	Augment   []Augmentation
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
	for i, a := range p.Augment {
		if a == nil {
			return fmt.Errorf("augment: augmentation %d is nil", i)
		}
		if err := a.check(); err != nil {
			return fmt.Errorf("augment: augmentation %d: %w", i, err)
		}
	}
	return nil
}
