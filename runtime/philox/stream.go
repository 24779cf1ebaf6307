package philox

import "math/bits"

// Purpose keeps apart the random numbers that one seed serves.
type Purpose uint32

// The purposes. Their values are part of what makes a run reproducible: they never change.
const (
	Init    Purpose = 1 // initial parameters: a is the parameter's index
	Shuffle Purpose = 2 // order of samples: a is the epoch
	Augment Purpose = 3 // augmentation: a is the epoch, b the sample, the site tells which
	Dropout Purpose = 4 // random sites of a network: a is the site, b the step (see Uniform)
	Data    Purpose = 5 // synthetic data: a is the split, b the sample
)

// Key is what all streams of one purpose share; a purpose may have several sites that draw.
type Key struct {
	Seed    uint64
	Purpose Purpose
	Site    uint32 // below 2^24
}

// Stream returns the generator of (seed, purpose, site, a, b), at its start. With the last word
// purpose + 256·site, its words are those of the counters (0, b, a, last), (1, b, a, last), …
func (k Key) Stream(a, b uint32) Stream {
	return Stream{seed: k.Seed, counter: [4]uint32{0, b, a, uint32(k.Purpose) | k.Site<<8}}
}

// Stream draws the numbers of one key one after the other: 2^34 words, then the same again.
// It is a small value; copying it copies its position. It is not for use by several
// goroutines at once: give each its own.
type Stream struct {
	seed    uint64
	counter [4]uint32 // of the next block
	words   [4]uint32 // of this block
	left    int       // words not yet drawn of this block
}

// Uint32 returns the next word.
func (s *Stream) Uint32() uint32 {
	if s.left == 0 {
		s.words = Block(s.seed, s.counter)
		s.counter[0]++
		s.left = 4
	}
	word := s.words[(4-s.left)&3]
	s.left--
	return word
}

// Uint64 returns the next two words, the first of them the lower half.
func (s *Stream) Uint64() uint64 {
	low := s.Uint32()
	return uint64(s.Uint32())<<32 | uint64(low)
}

// Float32 returns a number in [0, 1), a multiple of 2^-24, from one word.
func (s *Stream) Float32() float32 { return unit(s.Uint32()) }

// IntN returns a number in [0, n), every one equally likely, after Lemire, "Fast random
// integer generation in an interval" (2019). It panics if n < 1.
func (s *Stream) IntN(n int) int {
	if n < 1 {
		panic("philox: IntN needs n > 0")
	}
	bound := uint64(n)
	hi, lo := bits.Mul64(s.Uint64(), bound)
	if lo < bound {
		for reject := -bound % bound; lo < reject; {
			hi, lo = bits.Mul64(s.Uint64(), bound)
		}
	}
	return int(hi)
}

// Shuffle permutes n things with swap, every order equally likely (Fisher and Yates).
func (s *Stream) Shuffle(n int, swap func(i, j int)) {
	for i := n - 1; i > 0; i-- {
		swap(i, s.IntN(i+1))
	}
}
