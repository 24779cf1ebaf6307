package trainer

import (
	"time"

	"github.com/gradc/gradc/runtime/cpu"
	"github.com/gradc/gradc/runtime/parallel"
)

// A peak is measured in peakTrials of at least peakTime each; the best counts.
const (
	peakTrials = 20
	peakTime   = 3 * time.Millisecond
)

// peakFlops measures how many float32 operations a second the kernels' instructions can do at
// most on all threads of the pool: multiply-adds on registers, nothing loaded, nothing stored.
func peakFlops(pool *parallel.Pool) float64 {
	level := cpu.Chosen()
	return peak(pool, func(_, rounds int) float64 { return cpu.MultiplyAdds(level, rounds<<12) })
}

// trafficBytes is what a round of peakTraffic copies: more than the caches of most machines hold.
const trafficBytes = 64 << 20

// peakTraffic measures how many bytes a second all threads of the pool can read and write at most
// in memory, half of them each.
func peakTraffic(pool *parallel.Pool) float64 {
	blocks := make([]*cpu.Block, pool.Threads())
	for i := range blocks {
		blocks[i] = cpu.NewBlock(trafficBytes / len(blocks))
	}
	return peak(pool, func(task, rounds int) float64 { return blocks[task].Copy(rounds) })
}

// peak returns the most a second that the threads of the pool do of some work, each in a task of
// its own. The work grows with the rounds; what it returns is added up.
func peak(pool *parallel.Pool, work func(task, rounds int) float64) float64 {
	done := make([]float64, pool.Threads())
	rounds := 1
	run := func(task int) { done[task] = work(task, rounds) }
	best := 0.0
	for trial := 0; trial < peakTrials; {
		start := time.Now()
		pool.Run(len(done), run)
		took := time.Since(start)
		if took < peakTime { // too short to tell; the pool may not even be awake
			rounds *= 2
			continue
		}
		trial++
		sum := 0.0
		for _, n := range done {
			sum += n
		}
		best = max(best, sum/took.Seconds())
	}
	return best
}
