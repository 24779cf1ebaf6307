package trainer

import (
	"fmt"
	"math"
)

// state is what a checkpoint tells of a training, beside the weights. All randomness is keyed by
// the seed and these counters, so it is also the position of every random number generator.
type state struct {
	tally
	choice

	// BestAccuracy is the highest test accuracy so far, that of the weights after BestStep steps;
	// BestStep is 0 if there was no evaluation yet.
	BestAccuracy float64 `json:"best_accuracy"`
	BestStep     int64   `json:"best_step"`

	// Batch and TrainImages tell how long an epoch is, Classes what the outputs mean.
	Batch       int      `json:"batch"`
	TrainImages int      `json:"train_images"`
	Classes     []string `json:"classes"`

	// Digests are of the network and its recipe, TrainData and TestData of the two splits.
	Digests   Digests `json:"digests"`
	TrainData string  `json:"train_data"`
	TestData  string  `json:"test_data"`
}

// choice is what flags may choose about a training that a resumed one goes on with.
type choice struct {
	Data         string  `json:"data"`
	Seed         uint64  `json:"seed"`
	Epochs       int     `json:"epochs"`
	LearningRate float64 `json:"learning_rate"`
}

// maxEpochs bounds epochs to what the keys of random numbers hold.
const maxEpochs = math.MaxInt32

// check returns an error if no training can have come to this state.
func (s *state) check() error {
	batches := int64(max(0, s.TrainImages) / max(1, s.Batch)) // of an epoch
	first := int64(s.Epoch) * batches                         // step of the epoch in progress
	for _, field := range []struct {
		name  string
		value any
		sound bool
	}{
		{"batch", s.Batch, 1 <= s.Batch && s.Batch <= math.MaxInt32},
		{"train_images", s.TrainImages, 1 <= batches && s.TrainImages <= math.MaxInt32},
		{"epochs", s.Epochs, 1 <= s.Epochs && s.Epochs <= maxEpochs},
		{"epoch", s.Epoch, 0 <= s.Epoch && s.Epoch <= maxEpochs},
		{"learning_rate", s.LearningRate, usableRate(s.LearningRate)},
		{"step", s.Step, first <= s.Step && s.Step <= first+batches},
		{"loss_sum", s.LossSum, finite(s.LossSum) && s.LossSum >= -roundingOfLosses*float64(batches)},
		{"correct", s.Correct, 0 <= s.Correct && s.Correct <= (s.Step-first)*int64(s.Batch)},
		{"best_accuracy", s.BestAccuracy, 0 <= s.BestAccuracy && s.BestAccuracy <= 1},
		{"best_step", s.BestStep, 0 <= s.BestStep && s.BestStep <= s.Step},
		{"digests", s.Digests, s.Digests != Digests{}},
	} {
		if !field.sound {
			return fmt.Errorf("%s is %v; the file is damaged, replace it", field.name, field.value)
		}
	}
	return nil
}

// roundingOfLosses is how far below 0 the mean loss of a batch may come to lie.
const roundingOfLosses = 1e-4

// usableRate tells whether a learning rate is a float32 above 0 in which no digit is lost.
func usableRate(rate float64) bool { return minRate <= rate && rate <= math.MaxFloat32 }

// minRate is the smallest float32 that is not denormal.
const minRate = 0x1p-126

// fits makes sure that the steps of a saved training are those of now: a position among them means
// nothing otherwise.
func (s *state) fits(now *state) error {
	switch {
	case s.Batch != now.Batch:
		return fmt.Errorf("it was trained with batches of %d, not %d, so its "+
			"steps mean other images; train anew, or generate with that batch", s.Batch, now.Batch)
	case s.TrainImages != now.TrainImages:
		return fmt.Errorf("it was trained on %d images, not %d, so its steps "+
			"mean other images; give it the same ones, or train anew", s.TrainImages, now.TrainImages)
	}
	return nil
}

// differences lists what would make a saved training go on otherwise than it began.
func (s *state) differences(now *state) []string {
	list := differ(nil, "-data", s.Data, now.Data)
	list = differ(list, "-seed", fmt.Sprint(s.Seed), fmt.Sprint(now.Seed))
	list = append(list, s.Digests.training(&now.Digests)...)
	list = append(list, classesDiffer(s.Classes, now.Classes, len(now.Classes))...)
	if s.TrainData != "" && s.TrainData != now.TrainData {
		list = append(list, "the training images or their labels were others")
	}
	if s.TestData != "" && s.TestData != now.TestData {
		list = append(list, "the test images or their labels were others")
	}
	return list
}
