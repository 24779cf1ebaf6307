package philox

import (
	"fmt"
	"math"
	"testing"
)

func TestStreamWords(t *testing.T) {
	const seed, a, b = 42, 3, 5
	// The last words of the counters are part of every reproducible run.
	for key, value := range map[Key]uint32{
		{seed, Init, 0}: 1, {seed, Shuffle, 0}: 2, {seed, Augment, 0}: 3, {seed, Dropout, 0}: 4,
		{seed, Data, 0}: 5, {seed, Augment, 1}: 0x103, {seed, Augment, 0x201}: 0x20103,
	} {
		words, pairs := key.Stream(a, b), key.Stream(a, b)
		for block := range uint32(3) {
			want := Block(seed, [4]uint32{block, b, a, value})
			var got [4]uint32
			for i := range got {
				got[i] = words.Uint32()
			}
			if got != want {
				t.Errorf("%+v, block %d: %x, not %x", key, block, got, want)
			}
			for i := 0; i < 4; i += 2 {
				pair := uint64(want[i]) + uint64(want[i+1])<<32
				if got := pairs.Uint64(); got != pair {
					t.Errorf("%+v, block %d: pair %x, not %x", key, block, got, pair)
				}
			}
		}
	}
}

func TestStreamCopyGoesOnFromItsPlace(t *testing.T) {
	stream := Key{Seed: 1, Purpose: Data}.Stream(0, 0)
	stream.Uint32()
	other := stream
	for range 10 {
		if a, b := stream.Uint32(), other.Uint32(); a != b {
			t.Fatalf("%x and %x", a, b)
		}
	}
}

func TestStreamAllocatesNothing(t *testing.T) {
	var order [10]int
	seed := uint64(0)
	got := testing.AllocsPerRun(100, func() {
		stream := Key{Seed: seed, Purpose: Shuffle}.Stream(1, 2)
		stream.Float32()
		stream.Normal()
		stream.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		seed++
	})
	if got != 0 {
		t.Errorf("%v allocations", got)
	}
}

func TestIntN(t *testing.T) {
	for _, n := range []int{1, 2, 3, 10, 1 << 20, math.MaxInt} {
		stream := Key{Seed: 7, Purpose: Data}.Stream(uint32(n), 0)
		const draws, cells = 40000, 8
		var counts [cells]int
		for range draws {
			x := stream.IntN(n)
			if x < 0 || x >= n {
				t.Fatalf("IntN(%d) = %d", n, x)
			}
			counts[int(float64(x)/float64(n)*cells)%cells]++
		}
		if n < 1<<20 {
			continue
		}
		checkCounts(t, fmt.Sprintf("eighths of %d", n), counts[:], draws)
	}
	stream := Key{Seed: 7, Purpose: Data}.Stream(0, 1)
	var counts [10]int
	for range 40000 {
		counts[stream.IntN(10)]++
	}
	checkCounts(t, "digits", counts[:], 40000)
}

func TestIntNPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("IntN(0) does not panic")
		}
	}()
	stream := Key{}.Stream(0, 0)
	stream.IntN(0)
}

func TestShuffle(t *testing.T) {
	stream := Key{Seed: 7, Purpose: Shuffle}.Stream(0, 0)
	const draws = 24000
	counts := map[[4]int]int{}
	for range draws {
		order := [4]int{0, 1, 2, 3}
		stream.Shuffle(4, func(i, j int) { order[i], order[j] = order[j], order[i] })
		counts[order]++
	}
	var list []int
	for _, count := range counts {
		list = append(list, count)
	}
	if len(list) != 24 {
		t.Fatalf("%d of 24 orders", len(list))
	}
	checkCounts(t, "orders", list, draws)
}

// checkCounts fails if a count is further than 5 standard deviations from an even share.
func checkCounts(t *testing.T, what string, counts []int, draws int) {
	t.Helper()
	share := float64(draws) / float64(len(counts))
	for i, count := range counts {
		if math.Abs(float64(count)-share) > 5*math.Sqrt(share) {
			t.Errorf("%s: cell %d has %d of %d draws", what, i, count, draws)
		}
	}
}

func TestQuantile(t *testing.T) {
	check := func(p float64) {
		want := math.Sqrt2 * math.Erfinv(2*p-1)
		if got := quantile(p); math.Abs(got-want) > 1e-6*math.Abs(want) {
			t.Errorf("quantile(%v) = %v, not %v", p, got, want)
		}
	}
	for i := 1; i < 4096; i++ {
		check(float64(i) / 4096)
	}
	for power := 12; power <= 33; power++ {
		check(math.Ldexp(1, -power))
		check(math.Ldexp(1.5, -power))
	}
	check(0.075) // where the branches meet
	check(0.075 - 1e-9)
}

func TestNormalMoments(t *testing.T) {
	const draws = 100000
	stream := Key{Seed: 1, Purpose: Init}.Stream(0, 0)
	sum, squares := 0.0, 0.0
	for range draws {
		x := stream.Normal()
		sum += x
		squares += x * x
	}
	if mean := sum / draws; math.Abs(mean) > 5/math.Sqrt(draws) {
		t.Errorf("mean %v", mean)
	}
	if variance := squares / draws; math.Abs(variance-1) > 5*math.Sqrt(2.0/draws) {
		t.Errorf("variance %v", variance)
	}
}

func BenchmarkNormal(b *testing.B) {
	stream := Key{Seed: 1, Purpose: Init}.Stream(0, 0)
	for b.Loop() {
		stream.Normal()
	}
}
