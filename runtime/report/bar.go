package report

import (
	"io"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"
)

// redraw is the time between two drawings of a bar.
const redraw = 200 * time.Millisecond

// Bar shows how far a loop has come. A nil Bar shows nothing.
type Bar struct {
	done    atomic.Int64
	stop    chan struct{}
	stopped chan struct{}
}

// Bar starts a progress bar of total steps, of which first are done already. It returns nil where
// the report shows no bars. Close it before anything else is written.
func (r *Report) Bar(label string, first, total int) *Bar {
	if r.bars == nil || total < 1 {
		return nil
	}
	b := &Bar{stop: make(chan struct{}), stopped: make(chan struct{})}
	b.done.Store(int64(first))
	go b.draw(r.bars, label, total)
	return b
}

// Add counts one step. It allocates nothing and draws nothing: the bar draws itself at its own
// pace.
func (b *Bar) Add() {
	if b != nil {
		b.done.Add(1)
	}
}

// Close removes the bar from the screen.
func (b *Bar) Close() {
	if b != nil {
		close(b.stop)
		<-b.stopped
	}
}

// draw shows the bar until Close. Errors of the terminal are ignored: a bar is an ornament.
func (b *Bar) draw(w io.Writer, label string, total int) {
	defer close(b.stopped)
	bar := progressbar.NewOptions(total,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetDescription(label),
		progressbar.OptionSetWidth(30),
		progressbar.OptionShowCount(),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionClearOnFinish(),
	)
	ticker := time.NewTicker(redraw)
	defer ticker.Stop()
	for {
		_ = bar.Set64(b.done.Load())
		select {
		case <-b.stop:
			_ = bar.Clear()
			return
		case <-ticker.C:
		}
	}
}
