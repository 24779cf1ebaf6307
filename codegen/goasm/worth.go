package goasm

import (
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
)

// This file decides which twins are worth their text.

// NewTwins returns a collection for a program: what is next to nothing of its training step gets
// no twins, and what 512 bits make no faster has none for AVX-512 of its own, nor has anything else
// if they are for AVX2 only.
func NewTwins(p *plan.Program, noAVX512 bool) *Twins {
	t := &Twins{noAVX512: noAVX512}
	for _, s := range p.Train {
		t.total += effort(s.Work(false))
	}
	return t
}

// effort is how long work takes on many cores, in operations: a byte from memory takes as long as
// some 16 of them.
func effort(w plan.Work) int64 { return w.Flops + 16*w.Bytes }

// share returns which part of a training step, one in how many, some work takes on 16 cores, of
// which few tasks leave some idle; all of a step that is not known.
func (t *Twins) share(w plan.Work) int64 {
	if t.total == 0 {
		return 1
	}
	return t.total / max(1, effort(w)*int64(max(1, 16/max(1, w.Tasks))))
}

// worth reports whether a twin matters. Go takes some 15 times as long, so that what it does of
// work that is not worth a twin makes a step longer by less than one in a thousand.
func (t *Twins) worth(w plan.Work) bool { return t.share(w) < 15_000 }

// avx2OnlyLoop reports whether AVX2 does for a loop: also where it computes nothing, and behind the
// kernels of an evaluation.
func (t *Twins) avx2OnlyLoop(l loop) bool {
	moves := len(l.Sums) == 0
	for _, in := range l.Line.Code {
		moves = moves && in.Op == scalar.In
	}
	return moves || l.Work.Infer || t.avx2Only(l.Work)
}

// avx2Only reports whether AVX2 does for processors with AVX-512 as well: where memory is what takes
// the time, and where twice the time would not be noticed either.
func (t *Twins) avx2Only(w plan.Work) bool {
	return t.noAVX512 || memoryBound(w) || t.share(w) > 2000
}

// memoryBound reports whether work waits for memory, because caches do not hold its tensors and it
// does little with them.
func memoryBound(w plan.Work) bool { return w.Bytes > 16<<20 && w.Flops < 4*w.Bytes }
