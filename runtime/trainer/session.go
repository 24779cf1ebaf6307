package trainer

import (
	"context"
	"errors"
	"fmt"
	"math"
	"syscall"
	"time"

	"github.com/gradc/gradc/runtime/checkpoint"
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

// resume takes up a saved training. One that would go on otherwise than it began is refused, unless
// the user insists.
func (s *session) resume(saved *savedWeights, force bool) error {
	path := saved.file.Path
	if err := saved.state.fits(&s.state); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	differences := saved.ofNetwork(s.net.Spec())
	differences = append(differences, saved.state.differences(&s.state)...)
	if err := otherwise(path, differences, force); err != nil {
		return err
	}
	all := trainingTensors(s.net)
	if err := saved.file.Copy(all); err != nil {
		return err
	}
	if err := checkLoaded(all); err != nil {
		return fmt.Errorf("%s: %w; it cannot go on", path, err)
	}
	s.state.tally = saved.state.tally
	s.state.BestAccuracy, s.state.BestStep = saved.state.BestAccuracy, saved.state.BestStep
	if len(differences) > 0 || !s.hasBest() { // figures of other data or labels do not compare
		s.state.BestStep = 0
	}
	return nil
}

// hasBest tells whether the best weights are those of the state. They may be gone, or of another
// training if this one was killed while it replaced that one's files.
func (s *session) hasBest() bool {
	best, err := openWeights(s.dir.best(), s.net.Spec())
	return err == nil && best.state != nil && best.state.BestStep == s.state.BestStep &&
		best.state.BestAccuracy == s.state.BestAccuracy
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

// tell writes a record. Where nobody reads any more, training ends as after an interrupt; where
// standard output fails, it is saved as well, but that is an error.
func (s *session) tell(record fmt.Stringer) error {
	err := s.report.Write(record)
	if err == nil {
		return nil
	}
	stopped := s.stop(fmt.Sprintf("%v; stopped", err))
	if !errors.Is(err, syscall.EPIPE) {
		return errors.New(stopped.Error())
	}
	return stopped
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
	return s.tell(line)
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
		return s.stop("interrupted")
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
		return s.stop("interrupted")
	}
	if err != nil {
		return fmt.Errorf("test split after step %d: %w", s.state.Step, err)
	}
	s.latest, s.latestStep = result, s.state.Step
	if s.state.BestStep > 0 && result.accuracy <= s.state.BestAccuracy {
		return nil
	}
	s.state.BestAccuracy, s.state.BestStep = result.accuracy, s.state.Step
	return s.write(s.dir.best(), weightTensors(s.net))
}

// stop saves the training where it stands and says what made it end.
func (s *session) stop(reason string) error {
	if s.state.Step == 0 {
		return interruption{reason + " before the first step; nothing was written"}
	}
	if err := s.save(); err != nil {
		return fmt.Errorf("%s after step %d: %w", reason, s.state.Step, err)
	}
	return interruption{fmt.Sprintf("%s after step %d; saved %s; train -resume goes on",
		reason, s.state.Step, s.dir.last())}
}

func (s *session) save() error { return s.write(s.dir.last(), trainingTensors(s.net)) }

// write saves tensors with the state. Behind the first file of a new training it removes those of
// an earlier one: best and last must not be of different trainings.
func (s *session) write(path string, list []checkpoint.Tensor) error {
	if err := saveTensors(path, s.net.Spec(), list, &s.state); err != nil {
		return err
	}
	if !s.stale {
		return nil
	}
	s.stale = false
	return s.dir.keep(path)
}
