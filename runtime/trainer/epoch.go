package trainer

import (
	"context"
	"fmt"
	"math"

	"github.com/gradc/gradc/runtime/data"
	"github.com/gradc/gradc/runtime/report"
	"github.com/gradc/gradc/runtime/schedule"
)

// Epoch hands the batches of one epoch to a network's training loop and keeps the books:
//
//	for e.Next() {
//		loss := n.Step(e.Images(), e.Labels(), e.Step(), e.Rate())
//		e.Done(loss, n.Logits())
//	}
//	return e.Err()
//
// It ends early after an interrupt, at the limit of steps, or when the loss is not finite. None of
// its methods allocates.
type Epoch struct {
	ctx    context.Context
	loader *data.Loader
	bar    *report.Bar

	schedule schedule.Schedule
	rate     float64 // the base learning rate
	total    int64   // steps of the whole training, for the schedule
	limit    int64   // the step not to begin
	classes  int
	epoch    int // counted from 0

	batch *data.Batch
	tally *tally
	err   error
}

// tally is how far a training has come; a checkpoint holds it.
type tally struct {
	// Step is the number of steps taken.
	Step int64 `json:"step"`
	// Epoch is the number of epochs completed and evaluated.
	Epoch int `json:"epoch"`
	// LossSum and Correct add up the losses and the right answers of the steps after that.
	LossSum float64 `json:"loss_sum"`
	Correct int64   `json:"correct"`
}

// Next moves to the next batch. It returns false at the end.
func (e *Epoch) Next() bool {
	if e.err != nil || e.tally.Step >= e.limit || e.ctx.Err() != nil {
		return false
	}
	e.batch = e.loader.Next()
	return e.batch != nil
}

// Images is the batch, [batch, channels, height, width].
func (e *Epoch) Images() []float32 { return e.batch.Images }

// Labels is the classes of the batch, [batch].
func (e *Epoch) Labels() []int32 { return e.batch.Labels }

// Step is the number of the step, counted from 0 over the whole training.
func (e *Epoch) Step() int64 { return e.tally.Step }

// Rate is the learning rate of the step.
func (e *Epoch) Rate() float32 {
	return float32(e.rate * e.schedule.Rate(e.tally.Step, e.total))
}

// Done records the step: its mean loss and its logits, [batch, classes].
func (e *Epoch) Done(loss float32, logits []float32) {
	if !finite(float64(loss)) {
		e.err = diverged(loss, e)
		return
	}
	e.tally.Step++
	e.tally.LossSum += float64(loss)
	e.tally.Correct += int64(countCorrect(logits, e.batch.Labels[:e.batch.N], e.classes))
	e.bar.Add()
}

// Err is why the epoch ended early, other than by an interrupt or at the limit of steps.
func (e *Epoch) Err() error { return e.err }

func diverged(loss float32, e *Epoch) error {
	return fmt.Errorf("step %d (epoch %d, batch %d of %d): the loss is %v; "+
		"use a smaller -lr than %v, or look for bad values in the data",
		e.tally.Step+1, e.epoch+1, e.batch.Index+1, e.loader.Batches(), loss, e.rate)
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// countCorrect counts the rows of logits, [len(labels), classes], whose largest value is that of
// the label. Of equal values the first counts.
func countCorrect(logits []float32, labels []int32, classes int) int {
	correct := 0
	for i, label := range labels {
		row := logits[i*classes : (i+1)*classes]
		best := 0
		for class, value := range row {
			if value > row[best] {
				best = class
			}
		}
		if best == int(label) {
			correct++
		}
	}
	return correct
}
