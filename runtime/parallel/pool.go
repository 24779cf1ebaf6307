// Package parallel runs the independent tasks of one kernel on several processors.
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Pool is a fixed set of workers. The goroutine that calls Run is worker 0; the others wait
// for it, at first spinning, then parked.
//
// A worker enters a run while it is open and leaves it when no task is left. Run closes it
// and returns once all that entered have left: it does not wait for a worker that never came.
type Pool struct {
	threads int
	spins   int
	busy    atomic.Bool
	f       func(task int)
	tasks   int64

	mutex   sync.Mutex
	wake    sync.Cond     // on mutex; parked workers wait on it
	failure *Panic        // of the present run, under mutex
	done    chan struct{} // the last worker to leave a closed run tells a waiting Run
	workers sync.WaitGroup

	// Each of these words is written by many; on a cache line of its own it slows no other.
	_      [64]byte
	state  atomic.Uint64 // see the constants
	_      [64]byte
	next   atomic.Int64 // the next task to run
	_      [64]byte
	parked atomic.Int64 // workers parked or about to park
}

// The parts of Pool.state. The upper half counts the runs.
const (
	entered uint64 = 1<<16 - 1 // workers that entered the run and have not left it
	open    uint64 = 1 << 16   // workers may enter
	waiting uint64 = 1 << 17   // Run is parked until the last worker leaves
	ended   uint64 = 1 << 18   // the pool is closed
	oneRun  uint64 = 1 << 32
)

// maxThreads is what the counter in Pool.state holds.
const maxThreads = int(entered)

// NewPool starts a pool of the given number of threads, GOMAXPROCS if threads < 1. The pool
// holds threads-1 goroutines until Close.
func NewPool(threads int) *Pool {
	processors := runtime.GOMAXPROCS(0)
	if threads < 1 {
		threads = processors
	}
	p := &Pool{threads: min(threads, maxThreads), done: make(chan struct{}, 1)}
	p.wake.L = &p.mutex
	if p.threads <= processors { // else a worker that spins keeps another from working
		p.spins = spinRounds
	}
	for range p.threads - 1 {
		p.workers.Go(p.serve)
	}
	return p
}

// Threads returns the number of workers, the caller of Run included.
func (p *Pool) Threads() int { return p.threads }

// Run calls f(0), …, f(tasks-1), each once, and returns when all have returned. Which worker
// runs a task, and in what order, is not fixed: tasks must not depend on each other.
//
// Run itself allocates nothing. A function literal that captures variables, or a method
// value, is allocated where it is written: make it once and keep it.
//
// If a task panics, those not yet begun are dropped and Run panics with a *Panic when the
// others have returned. A task must not call runtime.Goexit, so not testing's FailNow either.
// Run panics if the pool is already in a Run: a task must not call it, nor two goroutines at
// once. After Close, the caller runs all tasks alone.
func (p *Pool) Run(tasks int, f func(task int)) {
	if tasks <= 0 {
		return
	}
	if !p.busy.CompareAndSwap(false, true) {
		panic("parallel: Run called while the pool is in a Run")
	}
	p.f, p.tasks = f, int64(tasks)
	p.next.Store(0)
	if helpers := min(p.threads, tasks) - 1; helpers > 0 {
		p.open(helpers)
		p.work()
		p.join()
	} else {
		p.work()
	}
	failure := p.failure
	p.f, p.failure = nil, nil
	p.busy.Store(false)
	if failure != nil {
		panic(failure)
	}
}

// Close ends the workers and returns when they are gone. It must not be called during a Run.
func (p *Pool) Close() {
	p.state.Or(ended)
	p.mutex.Lock()
	p.wake.Broadcast()
	p.mutex.Unlock()
	p.workers.Wait()
}

// open lets workers in and wakes as many as can be of use.
func (p *Pool) open(helpers int) {
	state := p.state.Load()
	p.state.Store(state/oneRun*oneRun + oneRun + state&ended + open)
	// A worker counts itself as parked before it looks at the state for the last time.
	if p.parked.Load() == 0 {
		return
	}
	p.mutex.Lock()
	for range min(int64(helpers), p.parked.Load()) {
		p.wake.Signal()
	}
	p.mutex.Unlock()
}

// work runs tasks until none is left.
func (p *Pool) work() {
	task := int64(0)
	defer func() {
		if value := recover(); value != nil {
			p.fail(int(task), value)
		}
	}()
	for {
		task = p.next.Add(1) - 1
		if task >= p.tasks {
			return
		}
		p.f(int(task))
	}
}

// join closes the run and waits until all that entered it have left.
func (p *Pool) join() {
	state := p.state.And(^open)
	for spin := 0; state&entered != 0 && spin < p.spins; spin++ {
		state = p.spin(state)
	}
	if state&entered != 0 && p.state.Or(waiting)&entered != 0 {
		<-p.done
	}
}
