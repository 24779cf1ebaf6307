package data

import "github.com/gradc/gradc/runtime/augment"

// Batch is what one step takes. It belongs to the loader: it is valid until the next call of Next,
// Start or Close.
type Batch struct {
	Images []float32 // [batch, channels, height, width]; rows from N on are zero
	Labels []int32   // [batch]; rows from N on are zero
	N      int       // rows that hold samples
	Index  int       // position in the epoch
}

// Loader makes the batches of one set, epoch after epoch, on goroutines of its own.
type Loader struct{}

// NewLoader returns a loader of batches of the size given, filled ahead by as many goroutines as
// workers says (at least one).
func NewLoader(set *Set, p *augment.Pipeline, batch int, seed uint64, train bool,
	workers int) *Loader {
	return &Loader{}
}

// Batches is the number of batches in an epoch.
func (l *Loader) Batches() int { return 0 }

// Start begins an epoch at its batch firstBatch. It fails if the set makes no batch at all, or
// firstBatch is not in [0, Batches()].
func (l *Loader) Start(epoch, firstBatch int) error { return nil }

// Next returns the next batch of the epoch, or nil after the last. It takes the former batch back.
func (l *Loader) Next() *Batch { return nil }

// Close ends the loader's goroutines.
func (l *Loader) Close() {}
