package trainer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"time"

	"github.com/gradc/gradc/runtime/data"
	"github.com/gradc/gradc/runtime/report"
	"github.com/gradc/gradc/runtime/schedule"
)

// session is one run of the train command.
type session struct {
	ctx    context.Context
	net    Network
	report *report.Report
	dir    runDir
	limit  int64 // of steps in all; 0 for none

	train, test *data.Loader
	state       state
	stale       bool // dir holds files of an earlier training
	latest      evaluation
	latestStep  int64 // of latest; -1 if there was no evaluation
}

// resume takes up a saved training.
func (s *session) resume(saved *savedTraining) error {
	if err := saved.state.continues(&s.state); err != nil {
		return fmt.Errorf("%s: %w", saved.file.Path, err)
	}
	if err := saved.file.Copy(trainingTensors(s.net)); err != nil {
		return err
	}
	flags := s.state.choice
	s.state = saved.state
	s.state.choice = flags
	if _, err := os.Stat(s.dir.best()); errors.Is(err, fs.ErrNotExist) {
		s.state.BestStep = 0
	}
	return nil
}

func (s *session) close() {
	s.train.Close()
	s.test.Close()
}

// run trains to the last epoch or the limit of steps and sums up.
func (s *session) run() error {
	start := time.Now()
	for s.state.Epoch < s.state.Epochs && s.state.Step < s.end() {
		if err := s.epoch(); err != nil {
			return err
		}
	}
	if s.latestStep != s.state.Step { // nothing was left to train
		if err := s.evaluate(); err != nil {
			return err
		}
	}
	ending := s.ending(time.Since(start))
	if err := s.dir.writeSummary(ending); err != nil {
		return err
	}
	return s.report.Write(ending)
}

// end is the step at which training stops.
func (s *session) end() int64 {
	if s.limit > 0 {
		return s.limit
	}
	return math.MaxInt64
}

// epoch trains one epoch, or what is left of it, evaluates and saves.
func (s *session) epoch() error {
	batches := s.train.Batches()
	first := int(s.state.Step - int64(s.state.Epoch)*int64(batches))
	start, startStep := time.Now(), s.state.Step
	if err := s.trainEpoch(first, batches); err != nil {
		return err
	}
	seconds := time.Since(start).Seconds()
	if err := s.evaluate(); err != nil {
		return err
	}
	line := s.epochLine(seconds, s.state.Step-startStep)
	if s.state.Step == s.epochEnd() {
		s.state.tally = tally{Step: s.state.Step, Epoch: s.state.Epoch + 1}
	}
	if err := s.save(); err != nil {
		return err
	}
	return s.report.Write(line)
}

// trainEpoch takes the steps of an epoch from its batch first on. After an interrupt it saves.
func (s *session) trainEpoch(first, batches int) error {
	if err := s.train.Start(s.state.Epoch, first); err != nil {
		return err
	}
	recipe := &s.net.Spec().Recipe
	e := &Epoch{
		ctx:      s.ctx,
		loader:   s.train,
		schedule: recipe.Schedule,
		rate:     s.state.LearningRate,
		total:    int64(s.state.Epochs) * int64(batches),
		limit:    s.end(),
		classes:  s.net.Spec().Classes,
		epoch:    s.state.Epoch,
		tally:    &s.state.tally,
	}
	if e.schedule == nil {
		e.schedule = schedule.Constant{}
	}
	label := fmt.Sprintf("epoch %d/%d", s.state.Epoch+1, s.state.Epochs)
	e.bar = s.report.Bar(label, first, batches)
	err := s.net.TrainEpoch(e)
	e.bar.Close()
	if err != nil {
		return err
	}
	if s.ctx.Err() != nil {
		return s.interrupted()
	}
	if want := min(s.epochEnd(), s.end()); s.state.Step != want {
		return fmt.Errorf("epoch %d ended after step %d instead of %d: the network's training "+
			"loop left batches out", s.state.Epoch+1, s.state.Step, want)
	}
	return nil
}

// epochEnd is the step at which the epoch in progress ends.
func (s *session) epochEnd() int64 { return int64(s.state.Epoch+1) * int64(s.train.Batches()) }

// evaluate measures the weights on the test split and keeps them if they are the best so far.
func (s *session) evaluate() error {
	bar := s.report.Bar("test", 0, s.test.Batches())
	result, err := evaluate(s.ctx, s.net, s.test, bar)
	bar.Close()
	if errors.As(err, new(interruption)) {
		return s.interrupted()
	}
	if err != nil {
		return fmt.Errorf("test split after step %d: %w", s.state.Step, err)
	}
	s.latest, s.latestStep = result, s.state.Step
	if s.state.BestStep > 0 && result.accuracy <= s.state.BestAccuracy {
		return nil
	}
	s.state.BestAccuracy, s.state.BestStep = result.accuracy, s.state.Step
	if err := s.clearStale(); err != nil {
		return err
	}
	return saveTensors(s.dir.best(), s.net.Spec(), weightTensors(s.net), &s.state)
}

// interrupted saves the training where it stands.
func (s *session) interrupted() error {
	if s.state.Step == 0 {
		return interruption{"interrupted before the first step; nothing was written"}
	}
	if err := s.save(); err != nil {
		return fmt.Errorf("interrupted after step %d: %w", s.state.Step, err)
	}
	return interruption{fmt.Sprintf("interrupted after step %d; saved %s; train -resume goes on",
		s.state.Step, s.dir.last())}
}

func (s *session) save() error {
	if err := s.clearStale(); err != nil {
		return err
	}
	return saveTensors(s.dir.last(), s.net.Spec(), trainingTensors(s.net), &s.state)
}

// clearStale removes the files of an earlier training before the first of this one is written: best
// and last must not be of different trainings.
func (s *session) clearStale() error {
	if !s.stale {
		return nil
	}
	s.stale = false
	return s.dir.clear()
}
