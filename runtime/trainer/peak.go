package trainer

import (
	"time"

	"github.com/gradc/gradc/runtime/parallel"
)

// The peak is measured over peakRounds rounds of peakLoops loops; the best round counts.
const (
	peakRounds = 5
	peakLoops  = 1 << 21
	// peakChains multiply-adds are independent of each other: enough to hide the latency of one,
	// few enough for the registers.
	peakChains = 12
)

// peakFlops measures how many float32 operations a second plain Go does at most on all threads of
// the pool: multiply-adds on registers, nothing loaded, nothing stored.
func peakFlops(pool *parallel.Pool) float64 {
	sums := make([]float32, pool.Threads())
	spin := func(task int) { sums[task] = multiplyAdds(peakLoops, 0.999, 0.001) }
	best := 0.0
	for range peakRounds {
		start := time.Now()
		pool.Run(len(sums), spin)
		flops := 2 * peakChains * peakLoops * float64(len(sums))
		best = max(best, per(flops, time.Since(start).Seconds()))
	}
	return best
}

// multiplyAdds computes x = x*a + b in peakChains chains, n times, and returns their sum. With
// a + b = 1 the values stay near 1.
func multiplyAdds(n int, a, b float32) float32 {
	var x0, x1, x2, x3, x4, x5 float32 = 1, 2, 3, 4, 5, 6
	var x6, x7, x8, x9, x10, x11 float32 = 7, 8, 9, 10, 11, 12
	for range n {
		x0 = x0*a + b
		x1 = x1*a + b
		x2 = x2*a + b
		x3 = x3*a + b
		x4 = x4*a + b
		x5 = x5*a + b
		x6 = x6*a + b
		x7 = x7*a + b
		x8 = x8*a + b
		x9 = x9*a + b
		x10 = x10*a + b
		x11 = x11*a + b
	}
	return x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 + x11
}
