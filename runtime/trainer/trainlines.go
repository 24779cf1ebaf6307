package trainer

import (
	"fmt"
	"time"

	"github.com/gradc/gradc/internal/quote"
)

// header is the first line of a training.
type header struct {
	Event        string  `json:"event"`
	Net          string  `json:"net"`
	Parameters   int     `json:"parameters"`
	Batch        int     `json:"batch"`
	Threads      int     `json:"threads"`
	Device       string  `json:"device"`
	Data         string  `json:"data"`
	TrainImages  int     `json:"train_images"`
	TestImages   int     `json:"test_images"`
	Epochs       int     `json:"epochs"`
	Optimizer    string  `json:"optimizer"`
	LearningRate float64 `json:"learning_rate"`
	Seed         uint64  `json:"seed"`
	Step         int64   `json:"step"` // steps taken before, when resumed
}

func (t *trainer) header(f *trainFlags, s *session, threads int, sets splits) header {
	return header{
		Event:        "start",
		Net:          t.spec.Name,
		Parameters:   t.spec.paramCount(),
		Batch:        t.spec.Batch,
		Threads:      threads,
		Device:       f.machine.device,
		Data:         f.data.name,
		TrainImages:  sets.train.Len(),
		TestImages:   sets.test.Len(),
		Epochs:       f.epochs,
		Optimizer:    t.spec.Digests.Optimizer,
		LearningRate: f.rate,
		Seed:         f.seed,
		Step:         s.state.Step,
	}
}

func (h header) String() string {
	line := fmt.Sprintf("%s: %s parameters, batch %d, %s, %s; data %s (%s train, %s test); %s, "+
		"lr %v, seed %d", h.Net, grouped(int64(h.Parameters)), h.Batch, count(h.Threads, "thread"),
		h.Device, h.Data, grouped(int64(h.TrainImages)), grouped(int64(h.TestImages)), h.Optimizer,
		h.LearningRate, h.Seed)
	if h.Step > 0 {
		line += fmt.Sprintf("; resumed after step %d", h.Step)
	}
	return line
}

// epochLine is what an epoch came to.
type epochLine struct {
	Event           string  `json:"event"`
	Epoch           int     `json:"epoch"` // counted from 1
	Epochs          int     `json:"epochs"`
	Step            int64   `json:"step"` // steps taken in all
	Loss            float64 `json:"loss"`
	TrainAccuracy   float64 `json:"train_accuracy"`
	TestLoss        float64 `json:"test_loss"`
	TestAccuracy    float64 `json:"test_accuracy"`
	ImagesPerSecond float64 `json:"images_per_second"` // while training
	Seconds         float64 `json:"seconds"`           // of training
}

// epochLine sums up the epoch in progress. Loss and accuracy are over all its steps, the speed over
// the steps taken in this run of the command.
func (s *session) epochLine(seconds float64, steps int64) epochLine {
	batch := s.state.Batch
	inEpoch := s.state.Step - int64(s.state.Epoch)*int64(s.train.Batches())
	return epochLine{
		Event:           "epoch",
		Epoch:           s.state.Epoch + 1,
		Epochs:          s.state.Epochs,
		Step:            s.state.Step,
		Loss:            s.state.LossSum / float64(inEpoch),
		TrainAccuracy:   float64(s.state.Correct) / float64(inEpoch*int64(batch)),
		TestLoss:        s.latest.loss,
		TestAccuracy:    s.latest.accuracy,
		ImagesPerSecond: per(float64(steps*int64(batch)), seconds),
		Seconds:         seconds,
	}
}

func (l epochLine) String() string {
	line := fmt.Sprintf("epoch %d/%d  step %d  loss %.4f  train %.2f%%  test %.2f%%",
		l.Epoch, l.Epochs, l.Step, l.Loss, 100*l.TrainAccuracy, 100*l.TestAccuracy)
	if l.ImagesPerSecond > 0 { // else the epoch had only to be evaluated
		line += fmt.Sprintf("  %s images/s", grouped(int64(l.ImagesPerSecond)))
	}
	return line
}

// ending is the summary of a training.
type ending struct {
	Event         string  `json:"event"`
	Net           string  `json:"net"`
	Data          string  `json:"data"`
	Seed          uint64  `json:"seed"`
	LearningRate  float64 `json:"learning_rate"`
	TestAccuracy  float64 `json:"test_accuracy"` // of the last weights
	TestLoss      float64 `json:"test_loss"`
	BestAccuracy  float64 `json:"best_accuracy"`
	BestStep      int64   `json:"best_step"`
	Epochs        int     `json:"epochs"` // completed
	Steps         int64   `json:"steps"`
	Seconds       float64 `json:"seconds"`        // of this run of the command
	WeightsSHA256 string  `json:"weights_sha256"` // of the last weights
	RunDir        string  `json:"run_dir"`
	Best          string  `json:"best"`
	Last          string  `json:"last"`

	summary string
}

func (s *session) ending(took time.Duration) ending {
	return ending{
		Event:         "summary",
		Net:           s.net.Spec().Name,
		Data:          s.state.Data,
		Seed:          s.state.Seed,
		LearningRate:  s.state.LearningRate,
		TestAccuracy:  s.latest.accuracy,
		TestLoss:      s.latest.loss,
		BestAccuracy:  s.state.BestAccuracy,
		BestStep:      s.state.BestStep,
		Epochs:        s.state.Epoch,
		Steps:         s.state.Step,
		Seconds:       took.Seconds(),
		WeightsSHA256: weightsSHA256(s.net),
		RunDir:        string(s.dir),
		Best:          s.dir.best(),
		Last:          s.dir.last(),
		summary:       s.dir.summary(),
	}
}

func (e ending) String() string {
	return fmt.Sprintf("test accuracy %.2f%% after %s in %.1f s; best %.2f%% after step %d\n"+
		"weights sha256 %s\n"+
		"wrote %s, %s, %s",
		100*e.TestAccuracy, count(int(e.Steps), "step"), e.Seconds,
		100*e.BestAccuracy, e.BestStep, e.WeightsSHA256, quote.Name(e.Best), quote.Name(e.Last),
		quote.Name(e.summary))
}
