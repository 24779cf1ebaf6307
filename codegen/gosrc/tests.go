package gosrc

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/gradc/gradc/compiler/plan"
)

// testSource holds the emitted tests' declarations.
//
//go:embed net_test.go.txt
var testSource string

// tests emits the network's tests: gradients against finite differences, no allocation in a step,
// and the same results for any number of threads.
func (e *emitter) tests(file *code) error {
	if e.output(e.Plan.TrainOutputs, "loss") == "" || len(e.Plan.Params) == 0 {
		return nil
	}
	file.comment("gradientChecks are the parameters, the forward step that a change shows in, and how many")
	file.comment("single elements are moved at a time: more than one where a forward pass takes long.")
	file.line("var gradientChecks = []struct{ param, from, together int }{\n%s\n}",
		strings.Join(e.checks(), "\n"))
	for _, part := range strings.Split(strings.TrimSpace(testSource), "\n\n\n") {
		file.gap()
		part = strings.NewReplacer("IMAGES", fmt.Sprint(e.Plan.Input.Elements()),
			"BATCH", fmt.Sprint(e.batch()), "CLASSES", fmt.Sprint(e.Plan.Classes)).Replace(part)
		file.line("%s", part)
	}
	return nil
}

// checks prints the gradient checks in an order in which each may run on what the one before left
// behind: those that begin with a late step first.
func (e *emitter) checks() []string {
	type check struct{ param, from int }
	var list []check
	for i, p := range e.Plan.Params {
		list = append(list, check{i, e.rerunFrom(p.Buffer)})
	}
	slices.SortStableFunc(list, func(a, b check) int { return b.from - a.from })
	lines := make([]string, len(list))
	for i, c := range list {
		lines[i] = fmt.Sprintf("{param: %d, from: %d, together: %d}, // %s", c.param,
			e.firstRow(c.from), e.together(c.from), plain(e.Plan.Params[c.param].Name))
	}
	return lines
}

// together returns how many elements the check of a parameter moves at a time: all four, if the
// forward pass from its step on is more than a few hundredths of a second in assembly.
func (e *emitter) together(from int) int {
	flops := int64(0)
	for _, s := range e.forward[from:] {
		flops += s.Flops
	}
	if flops > 5e9 {
		return 4
	}
	return 1
}

// rerunFrom returns the last forward step that the forward pass can be run again from after a
// change of a parameter: the first that reads it, or one before, whose arguments are still there
// at the end of the pass.
func (e *emitter) rerunFrom(param *plan.Buffer) int {
	from := slices.IndexFunc(e.forward, func(s *plan.Step) bool {
		return slices.ContainsFunc(s.Reads(), func(o plan.Operand) bool { return o.Buffer == param })
	})
	for from > 0 && !repeatable(e.forward, from) {
		from--
	}
	return max(from, 0)
}

// repeatable reports whether the steps from one on leave alone what they read of the ones before.
func repeatable(steps []*plan.Step, from int) bool {
	var written []*plan.Buffer
	for _, s := range steps[from:] {
		for _, o := range s.Writes() {
			written = append(written, o.Buffer)
		}
		if s.Partial != nil {
			written = append(written, s.Partial)
		}
	}
	made := map[*plan.Buffer]bool{}
	for _, s := range steps[from:] {
		for _, o := range s.Reads() {
			destroyed := slices.ContainsFunc(written, func(w *plan.Buffer) bool {
				return w.Space == o.Buffer.Space && w.Offset < o.Buffer.Offset+o.Buffer.Size &&
					o.Buffer.Offset < w.Offset+w.Size
			})
			if o.Buffer.Space == plan.Arena && !made[o.Buffer] && destroyed {
				return false
			}
		}
		for _, o := range s.Writes() {
			made[o.Buffer] = true
		}
	}
	return true
}

// firstRow returns the row of the table of forward steps that a step begins with.
func (e *emitter) firstRow(step int) int {
	method := e.methods[e.forward[step]]
	return slices.IndexFunc(e.rows["forward"], func(r row) bool { return r.method == method })
}
