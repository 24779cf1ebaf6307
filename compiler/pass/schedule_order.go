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
func order(steps []*plan.Step, old, kept map[*plan.Buffer]bool) ([]*plan.Step, error) {
	d := depend(steps, old)
	var best []*plan.Step
	least := 0
	for _, choose := range []func(*ledger, []int) int{freeing, first, smallest} {
		found := d.run(newLedger(steps, kept), choose)
		if len(found) < len(steps) {
			return nil, fmt.Errorf("internal error: %s", d.stuck(found))
		}
		if peak := peakOf(found, kept); best == nil || peak < least {
			best, least = found, peak
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
		if grows := l.grows(l.steps[i]); grows < least {
			at, least = i, grows
		}
	}
	return at
}

// smallest takes the step after which least is alive.
func smallest(l *ledger, ready []int) int {
	return slices.MinFunc(ready, func(a, b int) int {
		if d := l.grows(l.steps[a]) - l.grows(l.steps[b]); d != 0 {
			return d
		}
		return a - b
	})
}

// dependences says which steps wait for which.
type dependences struct {
	steps  []*plan.Step
	before [][]int // by step, those that must run before it
}

func depend(steps []*plan.Step, old map[*plan.Buffer]bool) dependences {
	d := dependences{steps, make([][]int, len(steps))}
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
				d.before[w] = append(d.before[w], i)
			default:
				d.before[i] = append(d.before[i], w)
			}
		}
	}
	return d
}

// run orders the steps by choosing again and again among those that are ready: of the forward pass
// as long as there are any. It stops early if none is ready.
func (d dependences) run(l *ledger, choose func(*ledger, []int) int) []*plan.Step {
	var found []*plan.Step
	done := make([]bool, len(d.steps))
	for {
		var ready []int
		pass := ir.Optimize
		for i, s := range d.steps {
			waits := slices.ContainsFunc(d.before[i], func(k int) bool { return !done[k] })
			if done[i] || waits || s.Origin.Pass > pass {
				continue
			}
			if s.Origin.Pass < pass {
				pass, ready = s.Origin.Pass, nil
			}
			ready = append(ready, i)
		}
		if len(ready) == 0 {
			return found
		}
		next := choose(l, ready)
		done[next] = true
		l.run(d.steps[next])
		found = append(found, d.steps[next])
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

// peakOf returns the most floats that are alive at a time.
func peakOf(steps []*plan.Step, kept map[*plan.Buffer]bool) int {
	l := newLedger(steps, kept)
	for _, s := range steps {
		l.run(s)
	}
	return l.peak
}

// ledger keeps account of what is alive in the arena while steps run.
type ledger struct {
	steps   []*plan.Step
	readers map[*plan.Buffer]int // steps that are still to read a buffer
	live    int
	peak    int
}

func newLedger(steps []*plan.Step, kept map[*plan.Buffer]bool) *ledger {
	l := &ledger{steps: steps, readers: map[*plan.Buffer]int{}}
	for b := range kept {
		l.readers[b]++
	}
	for _, s := range steps {
		for _, b := range arena(s.Reads()) {
			l.readers[b]++
		}
	}
	return l
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
func (l *ledger) grows(s *plan.Step) int {
	grows := 0
	for _, b := range arena(s.Writes()) {
		if l.readers[b] > 0 {
			grows += aligned(b.Size)
		}
	}
	for _, b := range arena(s.Reads()) {
		if l.readers[b] == 1 {
			grows -= aligned(b.Size)
		}
	}
	return grows
}

// run takes account of a step.
func (l *ledger) run(s *plan.Step) {
	more := 0
	reused := reuses(s, func(b *plan.Buffer) bool { return l.readers[b] == 1 })
	for _, b := range arena(s.Writes()) {
		if reused[b] == nil {
			more += aligned(b.Size)
		}
	}
	if s.Partial != nil {
		more += aligned(s.Partial.Size)
	}
	l.peak = max(l.peak, l.live+more)
	l.live += l.grows(s)
	for _, b := range arena(s.Reads()) {
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

// alignment is that of every buffer in the arena: a cache line of floats.
const alignment = 16

func aligned(n int) int { return (n + alignment - 1) / alignment * alignment }
