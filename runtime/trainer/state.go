package trainer

import "fmt"

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
}

// choice is what flags may choose about a training that a resumed one goes on with.
type choice struct {
	Data         string  `json:"data"`
	Seed         uint64  `json:"seed"`
	Epochs       int     `json:"epochs"`
	LearningRate float64 `json:"learning_rate"`
}

// continues makes sure that a saved training can go on with the batch size, data and seed of now.
func (s *state) continues(now *state) error {
	switch {
	case s.Data != now.Data:
		return fmt.Errorf("it was trained on -data %s, not %s", s.Data, now.Data)
	case s.Seed != now.Seed:
		return fmt.Errorf("it was trained with -seed %d, not %d", s.Seed, now.Seed)
	case s.Batch != now.Batch:
		return fmt.Errorf("it was trained with batches of %d, not %d", s.Batch, now.Batch)
	case s.TrainImages != now.TrainImages:
		return fmt.Errorf("it was trained on %d images, not %d", s.TrainImages, now.TrainImages)
	}
	return nil
}
