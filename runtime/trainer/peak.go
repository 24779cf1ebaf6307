package trainer

import (
	"time"

	"github.com/gradc/gradc/runtime/cpu"
	"github.com/gradc/gradc/runtime/parallel"
)

// The peak is measured in peakTrials of at least peakTime each; the best counts.
const (
	peakTrials = 20
	peakTime   = 3 * time.Millisecond
)

// peakFlops measures how many float32 operations a second the kernels' instructions can do at
// most on all threads of the pool: multiply-adds on registers, nothing loaded, nothing stored.
func peakFlops(pool *parallel.Pool) float64 {
	flops := make([]float64, pool.Threads())
	level, rounds := cpu.Chosen(), 1<<12
	spin := func(task int) { flops[task] = cpu.MultiplyAdds(level, rounds) }
	best := 0.0
	for trial := 0; trial < peakTrials; {
		start := time.Now()
		pool.Run(len(flops), spin)
		took := time.Since(start)
		if took < peakTime { // too short to tell; the pool may not even be awake
			rounds *= 2
			continue
		}
		trial++
		sum := 0.0
		for _, n := range flops {
			sum += n
		}
		best = max(best, sum/took.Seconds())
	}
	return best
}
