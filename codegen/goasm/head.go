package goasm

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/gradc/gradc/codegen/host"
)

// head is the comment in front of a function: what it computes, and what its registers hold.
type head struct {
	name     string
	formulas []string
	holds    []holding
}

// holding is a register or a word on the stack, and what it holds.
type holding struct {
	place operand.Op
	what  string
}

// begin begins a function that replaces one in Go with the same parameters. Its arguments do not
// escape: callers may pass arrays of the stack.
func (a *assembler) begin(name, params string, formulas ...string) {
	a.Context.Function(name)
	a.Pragma("noescape")
	a.SignatureExpr("func(" + params + ")")
	a.heads = append(a.heads, &head{name: name, formulas: formulas})
}

// computes replaces the formulas of a function by one that says more.
func (a *assembler) computes(format string, args ...any) {
	a.heads[len(a.heads)-1].formulas = []string{fmt.Sprintf(format, args...)}
}

// holds notes what registers or words hold from here on.
func (a *assembler) holds(what string, places ...operand.Op) {
	h := a.heads[len(a.heads)-1]
	for _, p := range places {
		h.holds = append(h.holds, holding{p, what})
	}
}

// holdsSame notes that a place holds what another one does, if that is known.
func (a *assembler) holdsSame(place, as operand.Op) {
	for _, h := range slices.Backward(a.heads[len(a.heads)-1].holds) {
		if h.place == as {
			a.holds(h.what, place)
			return
		}
	}
}

// phase begins a part of a function with a comment.
func (a *assembler) phase(format string, args ...any) { a.Commentf(format, args...) }

// text prints the comment for a function whose registers are allocated.
func (h *head) text(fn *ir.Function, m Machine) string {
	var lines []string
	for _, f := range h.formulas {
		lines = append(lines, host.Wrap(f, true)...)
	}
	held := host.Wrap(strings.Join(h.registers(fn, m.letter()), "; "), false)
	for _, line := range held {
		lines = append(lines, " "+line)
	}
	text := ""
	for i, line := range lines {
		if i == 0 || i == len(lines)-len(held) {
			text += "//\n"
		}
		text += "//" + line + "\n"
	}
	return text
}

// registers lists what each register and word holds, one thing after the other, then which vectors
// hold what.
func (h *head) registers(fn *ir.Function, letter string) []string {
	var places, kinds []string // in the order of their first use
	held, vectors := map[string][]string{}, map[string][]int{}
	for _, x := range h.holds {
		place := operand.ApplyAllocation(x.place, fn.Allocation)
		r, _ := place.(reg.Register)
		switch {
		case r == nil || r.Kind() == reg.KindGP && reg.ToPhysical(r) != nil:
			name := place.Asm()
			if held[name] == nil {
				places = append(places, name)
			}
			held[name] = add(held[name], x.what)
		case reg.ToPhysical(r) != nil: // else it is never used
			if vectors[x.what] == nil {
				kinds = append(kinds, x.what)
			}
			vectors[x.what] = add(vectors[x.what], int(reg.ToPhysical(r).PhysicalIndex()))
		}
	}
	for i, p := range places {
		places[i] = p + ": " + strings.Join(held[p], ", ")
	}
	for _, what := range kinds {
		places = append(places, spans(letter, vectors[what])+": "+what)
	}
	return places
}

// add appends what a list does not hold yet.
func add[T comparable](list []T, x T) []T {
	if slices.Contains(list, x) {
		return list
	}
	return append(list, x)
}

// spans prints the numbers of vector registers, those in a row as a range.
func spans(letter string, numbers []int) string {
	slices.Sort(numbers)
	var list []string
	for from := 0; from < len(numbers); {
		to := from
		for to+1 < len(numbers) && numbers[to+1] == numbers[to]+1 {
			to++
		}
		span := fmt.Sprint(letter, numbers[from])
		if to > from {
			span += fmt.Sprint("-", numbers[to])
		}
		list = append(list, span)
		from = to + 1
	}
	return strings.Join(list, ", ")
}
