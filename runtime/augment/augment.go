// Package augment turns the bytes of an image into the numbers that a network takes: it normalises
// them and, while training, crops and flips at random.
package augment

// Pipeline is what happens to an image on its way into a batch.
//
//	out = (pixel/255 - Mean[channel]) / Std[channel]
type Pipeline struct {
	Mean, Std []float32 // one per channel; empty means 0 and 1
	Crop      int       // training: shift by up to Crop pixels either way, zeros come in at the border
	Flip      bool      // training: mirror every second image, left to right
}

// Apply writes one image of c planes of h by w pixels from src to dst. Random choices are made only
// if train is set, and depend on seed, epoch and sample alone.
func (p *Pipeline) Apply(dst []float32, src []byte, c, h, w int, seed uint64, epoch, sample int,
	train bool) {
}
