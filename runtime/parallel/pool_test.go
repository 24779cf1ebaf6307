package parallel

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

func TestRunCallsEachTaskOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 8} {
		pool := NewPool(threads)
		defer pool.Close()
		for _, tasks := range []int{-1, 0, 1, 2, 3, 7, 64, 1000} {
			calls := make([]atomic.Int32, max(tasks, 0))
			for range 50 {
				pool.Run(tasks, func(task int) { calls[task].Add(1) })
			}
			for task := range calls {
				if got := calls[task].Load(); got != 50 {
					t.Fatalf("%d threads, %d tasks: task %d ran %d times in 50 runs",
						threads, tasks, task, got)
				}
			}
		}
	}
}

// Plain writes, so that the race detector sees whether Run orders them.
func TestRunOrdersMemory(t *testing.T) {
	pool := NewPool(4)
	defer pool.Close()
	data := make([]int, 100)
	square := func(task int) { data[task] = data[task]*2 + 1 }
	for run := range 200 {
		data[run%len(data)] = 0
		pool.Run(len(data), square)
		if got := data[run%len(data)]; got != 1 {
			t.Fatalf("run %d: the caller reads %d, not 1", run, got)
		}
	}
}

func TestRunUsesSeveralWorkers(t *testing.T) {
	const threads = 3
	pool := NewPool(threads)
	defer pool.Close()
	for _, before := range []func(){func() {}, func() { awaitParked(pool, threads-1) }} {
		before()
		var begun atomic.Int32
		pool.Run(threads, func(int) {
			begun.Add(1)
			for begun.Load() < threads { // all tasks at once, or never
				runtime.Gosched()
			}
		})
	}
}

func awaitParked(pool *Pool, workers int64) {
	for pool.parked.Load() < workers {
		runtime.Gosched()
	}
}

// A run whose caller has nothing left to do while a worker still has parks, too.
func TestRunWaitsForASlowTask(t *testing.T) {
	pool := NewPool(2)
	defer pool.Close()
	for range 20 {
		var begun atomic.Int32
		var slow atomic.Bool
		pool.Run(2, func(int) {
			if begun.Add(1) == 1 {
				for begun.Load() < 2 {
					runtime.Gosched()
				}
				return
			}
			for range 3 * spinRounds * spinLooks {
				runtime.Gosched()
			}
			slow.Store(true)
		})
		if !slow.Load() {
			t.Fatal("Run returned before its tasks")
		}
	}
}

func TestRunAllocatesNothing(t *testing.T) {
	for _, threads := range []int{1, 2, 4} {
		pool := NewPool(threads)
		defer pool.Close()
		var sum atomic.Int64
		task := func(task int) { sum.Add(int64(task)) }
		if got := testing.AllocsPerRun(200, func() { pool.Run(16, task) }); got != 0 {
			t.Errorf("%d threads: %v allocations per run", threads, got)
		}
	}
}

func TestRunWithOneProcessor(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, threads := range []int{0, 1, 4} {
		pool := NewPool(threads)
		defer pool.Close()
		var sum atomic.Int64
		for range 100 {
			pool.Run(10, func(task int) {
				runtime.Gosched()
				sum.Add(int64(task))
			})
		}
		if sum.Load() != 4500 {
			t.Errorf("%d threads: sum %d, not 4500", threads, sum.Load())
		}
	}
}

func TestThreads(t *testing.T) {
	for _, c := range []struct{ ask, want int }{
		{-1, runtime.GOMAXPROCS(0)},
		{0, runtime.GOMAXPROCS(0)},
		{1, 1},
		{5, 5},
	} {
		pool := NewPool(c.ask)
		if got := pool.Threads(); got != c.want {
			t.Errorf("NewPool(%d).Threads() = %d, not %d", c.ask, got, c.want)
		}
		pool.Close()
	}
}

func TestPanicReachesTheCaller(t *testing.T) {
	cause := errors.New("cause")
	for _, threads := range []int{1, 2, 4} {
		pool := NewPool(threads)
		defer pool.Close()
		for range 20 {
			failure := runAndRecover(pool, 8, func(task int) {
				if task == 5 {
					panic(fmt.Errorf("in task: %w", cause))
				}
			})
			if failure == nil || failure.Task != 5 || !errors.Is(failure, cause) {
				t.Fatalf("%d threads: got %v", threads, failure)
			}
			if !strings.Contains(failure.Error(), "TestPanicReachesTheCaller") {
				t.Fatalf("%d threads: no stack of the task in %v", threads, failure)
			}
		}
		var sum atomic.Int64
		pool.Run(4, func(task int) { sum.Add(int64(task)) })
		if sum.Load() != 6 {
			t.Errorf("%d threads: after a panic, sum %d, not 6", threads, sum.Load())
		}
	}
}

func TestRunInRunPanics(t *testing.T) {
	pool := NewPool(2)
	defer pool.Close()
	failure := runAndRecover(pool, 1, func(int) { pool.Run(1, func(int) {}) })
	if failure == nil || !strings.Contains(failure.Error(), "while the pool is in a Run") {
		t.Errorf("got %v", failure)
	}
}

func runAndRecover(pool *Pool, tasks int, f func(int)) (failure *Panic) {
	defer func() { failure, _ = recover().(*Panic) }()
	pool.Run(tasks, f)
	return nil
}

// A bubble of synctest fails if a goroutine outlives it.
func TestCloseEndsTheWorkers(t *testing.T) {
	for _, wait := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			pool := NewPool(4)
			pool.Run(10, func(int) {})
			if wait {
				awaitParked(pool, 3)
			}
			pool.Close()
			pool.Close()
			sum := 0
			pool.Run(3, func(task int) { sum += task })
			if sum != 3 {
				t.Errorf("after Close, sum %d, not 3", sum)
			}
		})
	}
}

func BenchmarkRun(b *testing.B) {
	for _, threads := range []int{1, 2} {
		b.Run(fmt.Sprintf("threads=%d", threads), func(b *testing.B) {
			pool := NewPool(threads)
			defer pool.Close()
			task := func(int) {}
			for b.Loop() {
				pool.Run(16, task)
			}
		})
	}
}
