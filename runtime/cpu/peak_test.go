package cpu

import (
	"math"
	"testing"
)

func TestGoChainsTendToOne(t *testing.T) {
	if sum := goChains(100000, peakA, peakB); math.Abs(float64(sum)-chains) > 0.01 {
		t.Errorf("the chains end at %v, want %d times 1", sum, chains)
	}
}

func TestMultiplyAdds(t *testing.T) {
	for level := Go; level <= highest(); level++ {
		want := 24.0 // of a round, in one lane
		if vectorChains(level) != nil {
			want *= float64(lanes[level])
		}
		for _, rounds := range []int{1, 1000} {
			if got := MultiplyAdds(level, rounds); got != want*float64(rounds) {
				t.Errorf("%s: %v operations in %d rounds, want %v each", level, got, rounds, want)
			}
		}
	}
}
