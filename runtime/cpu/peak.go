package cpu

//go:generate go run github.com/gradc/gradc/codegen/goasm/genpeak

// chains multiply-adds are independent of each other: enough to hide the latency of one, few
// enough for the registers.
const chains = 12

// The factors of x = a·x + b. With a + b = 1 every x tends to 1.
const peakA, peakB float32 = 0.999, 0.001

// lanes are the floats that a level computes at a time.
var lanes = [...]int{Go: 1, AVX2: 8, AVX512: 16}

// MultiplyAdds keeps the calling thread busy with nothing but float32 multiplications and
// additions in registers, as many side by side as a level allows, and returns their number, which
// grows with rounds. What a second of it yields is the most that a kernel can do. The processor
// must have the level's instructions.
func MultiplyAdds(level Level, rounds int) (flops float64) {
	rounds = max(rounds, 1)
	if f := vectorChains(level); f != nil {
		f(rounds, peakA, peakB)
	} else {
		level = Go
		_ = goChains(rounds, peakA, peakB)
	}
	return 2 * chains * float64(lanes[level]) * float64(rounds)
}

// goChains computes x = a·x + b in 12 chains, rounds times, and returns their sum.
//
//go:noinline
func goChains(rounds int, a, b float32) float32 {
	var x0, x1, x2, x3, x4, x5 float32 = 1, 2, 3, 4, 5, 6
	var x6, x7, x8, x9, x10, x11 float32 = 7, 8, 9, 10, 11, 12
	for range rounds {
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
