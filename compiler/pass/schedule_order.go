package pass

import (
	"fmt"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// order returns the steps in an order in which each finds what it reads, and in which little is
// alive at a time: the best of some ways to choose among the steps that could run next.
//
// Buffers in old have contents before: their readers run before what overwrites them. Buffers in
// kept are needed after the last step.
func order(
	p *plan.Program, steps []*plan.Step, old, kept map[*plan.Buffer]bool,
) ([]*plan.Step, error) {
	d := depend(steps, old)
	var best []*plan.Step
	least := 0
	for _, choose := range []func(*ledger, []int) int{freeing, first, smallest} {
		l := newLedger(p, steps, kept)
		found := d.run(l, choose)
		if len(found) < len(steps) {
			return nil, fmt.Errorf("internal error: %s", d.stuck(found))
		}
		if best == nil || l.peak < least {
			best, least = found, l.peak
		}
	}
	return best, nil
}

// first takes the steps as they stand in the graph.
func first(_ *ledger, ready []int) int { return ready[0] }

// freeing takes the step that frees most; if none frees any, as they stand in the graph.
func freeing(l *ledger, ready []int) int {
	at, least := ready[0], 0
	for _, i := range ready {
		if grows := l.grows(i); grows < least {
			at, least = i, grows
		}
	}
	return at
}

// smallest takes the step after which least is alive.
func smallest(l *ledger, ready []int) int {
	return slices.MinFunc(ready, func(a, b int) int {
		if d := l.grows(a) - l.grows(b); d != 0 {
			return d
		}
		return a - b
	})
}

// dependences says which steps wait for which.
type dependences struct {
	steps  []*plan.Step
	behind [][]int // by step, those that must run behind it
	before []int   // by step, how many must run before it
}

func depend(steps []*plan.Step, old map[*plan.Buffer]bool) dependences {
	d := dependences{steps, make([][]int, len(steps)), make([]int, len(steps))}
	add := func(before, behind int) {
		d.behind[before] = append(d.behind[before], behind)
		d.before[behind]++
	}
	writer := map[*plan.Buffer]int{}
	for i, s := range steps {
		for _, o := range s.Writes() {
			writer[o.Buffer] = i
		}
	}
	for i, s := range steps {
		for _, o := range s.Reads() {
			w, ok := writer[o.Buffer]
			switch {
			case !ok || w == i:
			case old[o.Buffer]:
				add(i, w)
			default:
				add(w, i)
			}
		}
	}
	return d
}

// run orders the steps by choosing again and again among those that are ready: of the forward pass
// as long as there are any. It stops early if none is ready.
func (d dependences) run(l *ledger, choose func(*ledger, []int) int) []*plan.Step {
	var found []*plan.Step
	var ready [ir.Optimize + 1][]int // by pass, in ascending order
	add := func(i int) {
		list := &ready[d.steps[i].Origin.Pass]
		at, _ := slices.BinarySearch(*list, i)
		*list = slices.Insert(*list, at, i)
	}
	waits := slices.Clone(d.before)
	for i, n := range waits {
		if n == 0 {
			add(i)
		}
	}
	for {
		pass := slices.IndexFunc(ready[:], func(list []int) bool { return len(list) > 0 })
		if pass < 0 {
			return found
		}
		next := choose(l, ready[pass])
		at, _ := slices.BinarySearch(ready[pass], next)
		ready[pass] = slices.Delete(ready[pass], at, at+1)
		l.run(next)
		found = append(found, d.steps[next])
		for _, i := range d.behind[next] {
			if waits[i]--; waits[i] == 0 {
				add(i)
			}
		}
	}
}

// stuck says which steps wait for each other.
func (d dependences) stuck(found []*plan.Step) string {
	text := "these values wait for each other:"
	for _, s := range d.steps {
		if !slices.Contains(found, s) {
			text += " " + s.Values[0].Name
		}
	}
	return text
}

// ledger keeps account of what is alive in the arena while steps run.
type ledger struct {
	program *plan.Program
	steps   []*plan.Step
	numbers map[*plan.Buffer]int // of the buffers in the arena
	sizes   []int                // by buffer
	readers []int                // by buffer, steps that are still to read it
	reads   [][]int              // by step, the buffers that it reads
	writes  [][]int
	live    int
	peak    int // the most bytes that were alive at a time
}

func newLedger(p *plan.Program, steps []*plan.Step, kept map[*plan.Buffer]bool) *ledger {
	l := &ledger{program: p, steps: steps, numbers: map[*plan.Buffer]int{}}
	for _, s := range steps {
		l.reads = append(l.reads, l.numbersOf(arena(s.Reads())))
		l.writes = append(l.writes, l.numbersOf(arena(s.Writes())))
		for _, b := range l.reads[len(l.reads)-1] {
			l.readers[b]++
		}
	}
	for b := range kept {
		if i, ok := l.numbers[b]; ok {
			l.readers[i]++
		}
	}
	return l
}

// numbersOf returns the numbers of buffers, new ones for those not yet known.
func (l *ledger) numbersOf(buffers []*plan.Buffer) []int {
	list := make([]int, len(buffers))
	for k, b := range buffers {
		i, ok := l.numbers[b]
		if !ok {
			i = len(l.sizes)
			l.numbers[b] = i
			l.sizes, l.readers = append(l.sizes, l.program.Aligned(b.Size)), append(l.readers, 0)
		}
		list[k] = i
	}
	return list
}

// arena returns the buffers of operands that lie in the arena, each once.
func arena(operands []plan.Operand) []*plan.Buffer {
	var list []*plan.Buffer
	for _, o := range operands {
		if o.Buffer.Space == plan.Arena && !slices.Contains(list, o.Buffer) {
			list = append(list, o.Buffer)
		}
	}
	return list
}

// grows returns by how much more is alive behind a step than before it.
func (l *ledger) grows(step int) int {
	grows := 0
	for _, b := range l.writes[step] {
		if l.readers[b] > 0 {
			grows += l.sizes[b]
		}
	}
	for _, b := range l.reads[step] {
		if l.readers[b] == 1 {
			grows -= l.sizes[b]
		}
	}
	return grows
}

// run takes account of a step.
func (l *ledger) run(step int) {
	s, more := l.steps[step], 0
	for _, b := range l.writes[step] {
		more += l.sizes[b]
	}
	for result := range reuses(s, func(b *plan.Buffer) bool { return l.readers[l.numbers[b]] == 1 }) {
		more -= l.program.Aligned(result.Size)
	}
	if s.Partial != nil {
		more += l.program.Aligned(s.Partial.Size)
	}
	l.peak = max(l.peak, l.live+more)
	l.live += l.grows(step)
	for _, b := range l.reads[step] {
		l.readers[b]--
	}
}

// reuses returns for results of a loop the arguments that they can take the place of: those of
// the same type that are not needed any more. A kernel still reads its arguments when its
// epilogue stores results.
func reuses(s *plan.Step, dies func(*plan.Buffer) bool) map[*plan.Buffer]*plan.Buffer {
	found := map[*plan.Buffer]*plan.Buffer{}
	if s.Kernel != nil {
		return found
	}
	taken := map[*plan.Buffer]bool{}
	for _, o := range s.Loop.Outs {
		if o.Fold != "" || o.Buffer.Space != plan.Arena {
			continue
		}
		for _, a := range s.Loop.Args {
			b := a.Buffer
			if b.Space == plan.Arena && !taken[b] && dies(b) && replaceable(s.Loop, a, o.Operand) {
				found[o.Buffer], taken[b] = b, true
				break
			}
		}
	}
	return found
}

// replaceable reports whether each element of o may be stored where the loop has read that of a.
func replaceable(l *plan.Loop, a, o plan.Operand) bool {
	if a.Buffer.Size != o.Buffer.Size {
		return false
	}
	return !slices.ContainsFunc(l.Args, func(other plan.Operand) bool {
		return other.Buffer == a.Buffer && !other.Type.Equal(o.Type)
	})
}
