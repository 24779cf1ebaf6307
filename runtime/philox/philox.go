// Package philox draws random numbers from Philox4x32-10, the counter-based generator of
// Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
//
// A number depends on its key and its counter alone, never on what was drawn before it or by
// which thread. So whoever names the same seed, purpose and place draws the same number: a
// goroutine, a GPU thread, the interpreter, or a run that was resumed.
package philox

import "math/bits"

// The multipliers and the Weyl increments of the round function, from the paper.
const (
	mul0   = 0xD2511F53
	mul1   = 0xCD9E8D57
	weyl0  = 0x9E3779B9
	weyl1  = 0xBB67AE85
	rounds = 10
)

// Block returns the four random words of one counter. The low half of seed is the first word
// of the key.
//
//	L0, R0 = mul1·c2     (high word, low word)
//	L1, R1 = mul0·c0
//	c      = (L0 ^ c1 ^ k0, R0, L1 ^ c3 ^ k1, R1)
//	k      = (k0 + weyl0, k1 + weyl1)
func Block(seed uint64, counter [4]uint32) [4]uint32 {
	c0, c1, c2, c3 := counter[0], counter[1], counter[2], counter[3]
	k0, k1 := uint32(seed), uint32(seed>>32)
	for range rounds {
		hi0, lo0 := bits.Mul32(mul0, c0)
		hi1, lo1 := bits.Mul32(mul1, c2)
		c0, c1, c2, c3 = hi1^c1^k0, lo1, hi0^c3^k1, lo0
		k0 += weyl0
		k1 += weyl1
	}
	return [4]uint32{c0, c1, c2, c3}
}

// Uniform returns a number in [0, 1), a multiple of 2^-24, for one element of one random site
// of a network at one step. It is the number of index element in the stream of
// (seed, Dropout, site, step):
//
//	counter = (element/4, step, site, Dropout)    each modulo 2^32
//	value   = (Block(seed, counter)[element%4] >> 8) · 2^-24
//
// The numbers of a site repeat after 2^32 steps or 2^34 elements.
func Uniform(seed uint64, site uint32, step, element uint64) float32 {
	counter := [4]uint32{uint32(element >> 2), uint32(step), site, uint32(Dropout)}
	words := Block(seed, counter)
	return unit(words[element&3])
}

// Site draws the numbers of one random site at one step for elements one after the other: a block
// serves four of them. It is a small value, for one goroutine to use.
type Site struct {
	seed    uint64
	counter [4]uint32
	words   [4]uint32 // Block(seed, counter)
}

// At returns the numbers of (seed, Dropout, site, step).
func At(seed uint64, site uint32, step uint64) Site {
	s := Site{seed: seed, counter: [4]uint32{0, uint32(step), site, uint32(Dropout)}}
	s.words = Block(s.seed, s.counter)
	return s
}

// Uniform returns the same number as the function Uniform does.
func (s *Site) Uniform(element uint64) float32 {
	if block := uint32(element >> 2); block != s.counter[0] {
		s.counter[0] = block
		s.words = Block(s.seed, s.counter)
	}
	return unit(s.words[element&3])
}

// unit maps a word to [0, 1) by its upper 24 bits, all that a float32 can hold.
func unit(word uint32) float32 { return float32(word>>8) * (1.0 / (1 << 24)) }
