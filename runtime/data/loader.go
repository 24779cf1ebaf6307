package data

import (
	"fmt"
	"sync"

	"github.com/gradc/gradc/runtime/augment"
	"github.com/gradc/gradc/runtime/philox"
)

// Batch is what one step takes. It belongs to the loader: it is valid until the next call of Next,
// Start or Close.
type Batch struct {
	Images []float32 // [batch, channels, height, width]; rows from N on are zero
	Labels []int32   // [batch]; rows from N on are zero
	N      int       // rows that hold samples
	Index  int       // position in the epoch
}

// Loader makes the batches of one set, epoch after epoch, on goroutines of its own. For training it
// shuffles the set by (seed, epoch), augments, and drops what is left after the last whole batch.
// For evaluation it keeps the order and pads the last batch with zeros.
//
// A batch depends on the set, the pipeline, the seed, the epoch and its index, not on the number of
// goroutines or on where in the epoch one starts. After NewLoader nothing is allocated. A Loader is
// for one goroutine to use.
type Loader struct {
	set       *Set
	transform *augment.Transform
	batch     int
	seed      uint64
	train     bool

	epoch int
	order []int32 // samples in the order of this epoch

	// Batch k is made in slots[k % len(slots)], by whichever worker takes k from the queue. It is
	// put there when batch k - len(slots) is no longer in use.
	slots   []slot
	queue   chan int
	workers sync.WaitGroup

	next   int // batch that Next returns
	queued int // batches from next to here are being made
}

// A slot is the memory of one batch; ready tells that it is made.
type slot struct {
	Batch
	ready chan struct{}
}

// NewLoader returns a loader of batches of the size given, filled ahead by as many goroutines as
// workers says, at least one. It panics if the batch is below 1, or the set and the pipeline do not
// fit each other (augment.Pipeline.Check).
func NewLoader(set *Set, p *augment.Pipeline, batch int, seed uint64, train bool,
	workers int) *Loader {
	if batch < 1 {
		panic("data: a batch needs a size of at least 1")
	}
	transform, err := p.For(set.Channels, set.Height, set.Width)
	if err != nil {
		panic("data: " + err.Error())
	}
	workers = max(1, workers)
	l := &Loader{set: set, transform: transform, batch: batch, seed: seed, train: train,
		order: make([]int32, set.Len()),
		slots: make([]slot, Ahead(workers)),
	}
	l.queue = make(chan int, len(l.slots))
	for i := range l.slots {
		l.slots[i].Images = make([]float32, batch*set.imageSize())
		l.slots[i].Labels = make([]int32, batch)
		l.slots[i].ready = make(chan struct{}, 1)
	}
	for range workers {
		l.workers.Go(func() {
			for index := range l.queue {
				l.make(index)
			}
		})
	}
	l.next = l.Batches()
	l.queued = l.next
	return l
}

// Ahead is how many batches a loader with so many workers has memory for: one in use, one ready,
// one for each worker.
func Ahead(workers int) int { return workers + 2 }

// Batches is the number of batches in an epoch.
func (l *Loader) Batches() int {
	if l.train {
		return l.set.Len() / l.batch
	}
	return (l.set.Len() + l.batch - 1) / l.batch
}

// Start begins an epoch at its batch firstBatch, 0 unless a run is resumed. It fails if the set
// makes no batch at all, or firstBatch is not in [0, Batches()].
func (l *Loader) Start(epoch, firstBatch int) error {
	switch batches := l.Batches(); {
	case batches == 0:
		return fmt.Errorf("data set %s has %d images, not one batch of %d; use more images, "+
			"or generate with a smaller batch", l.set.Name, l.set.Len(), l.batch)
	case firstBatch < 0 || firstBatch > batches:
		return fmt.Errorf("epoch %d of data set %s cannot start at batch %d: it has %d batches",
			epoch, l.set.Name, firstBatch, batches)
	}
	l.drain()
	l.epoch = epoch
	l.arrange()
	l.next, l.queued = firstBatch, firstBatch
	for range l.slots {
		l.enqueue()
	}
	return nil
}

// arrange sets the order of the samples.
func (l *Loader) arrange() {
	for i := range l.order {
		l.order[i] = int32(i)
	}
	if !l.train {
		return
	}
	random := philox.Key{Seed: l.seed, Purpose: philox.Shuffle}.Stream(uint32(l.epoch), 0)
	random.Shuffle(len(l.order), func(i, j int) {
		l.order[i], l.order[j] = l.order[j], l.order[i]
	})
}

// enqueue has the next batch made, if the epoch has one more.
func (l *Loader) enqueue() {
	if l.queued < l.Batches() {
		l.queue <- l.queued
		l.queued++
	}
}

// Next returns the next batch of the epoch, or nil after the last and before the first Start. It
// takes the former batch back.
func (l *Loader) Next() *Batch {
	if l.queued-l.next < len(l.slots) {
		l.enqueue()
	}
	if l.next == l.queued {
		return nil
	}
	slot := &l.slots[l.next%len(l.slots)]
	<-slot.ready
	l.next++
	return &slot.Batch
}

// drain waits for the batches that are being made and forgets them.
func (l *Loader) drain() {
	for ; l.next < l.queued; l.next++ {
		<-l.slots[l.next%len(l.slots)].ready
	}
}

// Close ends the loader's goroutines.
func (l *Loader) Close() {
	l.drain()
	close(l.queue)
	l.workers.Wait()
}

// make makes one batch in its slot.
func (l *Loader) make(index int) {
	slot := &l.slots[index%len(l.slots)]
	first := index * l.batch
	samples := l.order[first:min(first+l.batch, len(l.order))]
	size := l.set.imageSize()
	for row, sample := range samples {
		from := int(sample) * size
		l.transform.Apply(slot.Images[row*size:(row+1)*size], l.set.Images[from:from+size],
			l.seed, l.epoch, int(sample), l.train)
		slot.Labels[row] = l.set.Labels[sample]
	}
	clear(slot.Images[len(samples)*size:])
	clear(slot.Labels[len(samples):])
	slot.N, slot.Index = len(samples), index
	slot.ready <- struct{}{}
}
