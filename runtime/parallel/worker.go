package parallel

import "runtime"

// A round of spinning is some looks at the state, then a turn for other goroutines. All rounds
// together take about 0.1 ms: longer than the code between two kernels of a training step,
// and not much longer than it takes to wake a parked worker.
const (
	spinRounds = 30
	spinLooks  = 4000
)

// serve is the life of a worker.
func (p *Pool) serve() {
	last := uint64(0) // the run it has seen to its end
	for {
		state := p.await(last)
		if state&ended != 0 {
			return
		}
		if p.state.CompareAndSwap(state, state+1) {
			p.work()
			p.leave()
			last = state / oneRun
		}
	}
}

// leave counts a worker out.
func (p *Pool) leave() {
	if state := p.state.Add(^uint64(0)); state&waiting != 0 && state&entered == 0 {
		p.done <- struct{}{}
	}
}

// await returns the state as soon as it shows an open run other than the last, or the end.
// A worker that was woken spins before it parks again: when a run was over before it came,
// the next one is near.
func (p *Pool) await(last uint64) uint64 {
	for {
		state := p.state.Load()
		for spin := 0; idle(state, last) && spin < p.spins; spin++ {
			state = p.spin(state)
		}
		if !idle(state, last) {
			return state
		}
		p.park(last)
	}
}

// park sleeps until it is woken, unless there is something to do.
func (p *Pool) park(last uint64) {
	p.mutex.Lock()
	p.parked.Add(1)
	if idle(p.state.Load(), last) {
		p.wake.Wait()
	}
	p.parked.Add(-1)
	p.mutex.Unlock()
}

// idle tells whether a worker that was in the last run has nothing to do.
func idle(state, last uint64) bool {
	return state&ended == 0 && (state&open == 0 || state/oneRun == last)
}

// spin looks for a change of the state for one round, and returns what it saw last.
func (p *Pool) spin(state uint64) uint64 {
	for range spinLooks {
		if now := p.state.Load(); now != state {
			return now
		}
	}
	runtime.Gosched()
	return p.state.Load()
}
