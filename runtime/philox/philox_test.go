package philox

import "testing"

// The known answers of Random123 1.14, tests/kat_vectors, "philox4x32 10".
func TestBlockKnownAnswers(t *testing.T) {
	const ones = 0xffffffff
	for _, c := range []struct {
		counter [4]uint32
		seed    uint64
		want    [4]uint32
	}{
		{[4]uint32{}, 0,
			[4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{ones, ones, ones, ones}, 0xffffffff_ffffffff,
			[4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0x299f31d0_a4093822,
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := Block(c.seed, c.counter); got != c.want {
			t.Errorf("Block(%#x, %#x) = %#x, not %#x", c.seed, c.counter, got, c.want)
		}
	}
}

// Emitted code, the interpreter and CUDA kernels rely on this packing.
func TestUniformIsTheStreamOfItsSite(t *testing.T) {
	const seed, site, step = 0x1234_5678_9abc_def0, 7, 1000
	stream := Key{Seed: seed, Purpose: Dropout}.Stream(site, step)
	for element := range uint64(20) {
		words := Block(seed, [4]uint32{uint32(element / 4), step, site, 4})
		want := float32(words[element%4]>>8) / (1 << 24)
		if got := Uniform(seed, site, step, element); got != want {
			t.Errorf("element %d: %v, not %v", element, got, want)
		}
		if got := stream.Float32(); got != want {
			t.Errorf("stream, element %d: %v, not %v", element, got, want)
		}
	}
}

func TestSiteIsUniform(t *testing.T) {
	const seed, number, step = 0x1234_5678_9abc_def0, 7, 1000
	site := At(seed, number, step)
	for _, element := range []uint64{0, 1, 2, 3, 4, 5, 11, 10, 3, 1 << 33, 1<<34 - 1, 1 << 34, 0} {
		want := Uniform(seed, number, step, element)
		if got := site.Uniform(element); got != want {
			t.Errorf("element %d: %v, not %v", element, got, want)
		}
	}
}

func TestUnitRange(t *testing.T) {
	if got := unit(0); got != 0 {
		t.Errorf("unit(0) = %v, not 0", got)
	}
	if got, want := unit(0xffffffff), float32(1-0x1p-24); got != want {
		t.Errorf("the largest number is %v, not %v", got, want)
	}
}

func BenchmarkBlock(b *testing.B) {
	counter := [4]uint32{}
	for b.Loop() {
		counter = Block(42, counter)
	}
}

func BenchmarkUniform(b *testing.B) {
	element := uint64(0)
	for b.Loop() {
		Uniform(42, 1, 2, element)
		element++
	}
}

func BenchmarkSite(b *testing.B) {
	site := At(42, 1, 2)
	element := uint64(0)
	for b.Loop() {
		site.Uniform(element)
		element++
	}
}
