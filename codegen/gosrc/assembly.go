package gosrc

import (
	"slices"
	"strings"

	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// Assembly gives functions twins in assembly.
type Assembly interface {
	// Twin promises a twin of the function that computes the kernel of step s with its result lying
	// as out, for each of Machines, of the same arguments. It returns the name that the twins have
	// in front of the machine's suffix, which is that of the function, or of another one whose twins
	// do the same. It reports false if there is none. It is called for each step, with a name that
	// no twins have yet.
	Twin(name, params string, s *plan.Step, out ir.Type) (twin string, ok bool)

	// Shared promises a twin of one of the functions that all uses of an operation share, under its
	// name.
	Shared(op, name, params string) bool

	// Loop promises a twin of the function of a nest likewise, whose parameters have the given names.
	Loop(name string, f plan.Function, params []string) (twin string, ok bool)

	// Has reports whether there is a twin for the machine of a suffix. If not, the next machine's
	// serves as well; the last has all.
	Has(twin, suffix string) bool
}

// machine is an instruction set that twins are made for.
type machine struct{ level, suffix string }

// machines are the instruction sets by their name in runtime/cpu, the best first.
var machines = []machine{{"AVX512", "AVX512"}, {"AVX2", "AVX2"}}

// twin is a function that has twins in assembly.
type twin struct {
	method       string // of kernels, which chooses: the function's name, unless that is taken
	name, params string
	twins        string // what their names begin with
}

// twinOf returns what a method calls: the function itself, or the choice between it and its twins.
// Steps that share a function need not share twins, which know more of a step than its arguments.
func (k *kernel) twinOf(name, params string) string {
	if k.Assembly == nil {
		return name
	}
	method := name
	if slices.ContainsFunc(k.twins, func(t twin) bool { return t.method == name }) {
		method = host.Identifier(k.step.Name) // which no other step has
	}
	twins, ok := k.Assembly.Twin(method, params, k.step, k.out.typ)
	if !ok {
		return name
	}
	for _, t := range k.twins {
		if t.name == name && t.twins == twins {
			return "n.kernels." + t.method
		}
	}
	k.twins = append(k.twins, twin{method, name, params, twins})
	return "n.kernels." + method
}

// chooseTwins adds the type kernels, whose methods choose. They call functions by their names, not
// through variables, so that the compiler sees that arguments do not escape to the heap.
func (e *emitter) chooseTwins() {
	if len(e.twins) == 0 {
		return
	}
	e.AddField(host.Field{Name: "kernels", Type: "kernels", Value: "kernels{cpu.Chosen()}",
		Note: "as the processor allows"})
	file, choices, without := &host.Code{}, &host.Code{}, &host.Code{}
	file.Gap()
	file.Comment("kernels chooses between functions in Go and their twins in assembly.")
	fields := &host.Code{}
	fields.Noted("what the processor can do", "level cpu.Level")
	file.Struct("kernels", fields)
	for _, t := range e.twins {
		choices.Declare(host.Function{On: "k kernels", Name: t.method, Params: t.params,
			Body: e.choiceOf(t)})
		body := &host.Code{}
		body.Line("%s(%s)", t.name, t.args())
		without.Declare(host.Function{On: "kernels", Name: t.method, Params: t.params, Body: body})
	}
	e.AddFile("kernels.go", "", file)
	e.AddFile("kernels_amd64.go", "amd64 && !noasm", choices)
	e.AddFile("kernels_other.go", "!amd64 || noasm", without)
}

// choiceOf returns the choice among a function and its twins, for processors that may have them.
func (e *emitter) choiceOf(t twin) *host.Code {
	var has []machine
	for _, m := range machines {
		if e.Assembly.Has(t.twins, m.suffix) {
			has = append(has, m)
		}
	}
	body := &host.Code{}
	if len(has) == 1 {
		body.Line("if k.level >= cpu.%s {\n%s%s(%s)\n} else {\n%s(%s)\n}", has[0].level, t.twins,
			has[0].suffix, t.args(), t.name, t.args())
	} else {
		t.choose(body, has)
	}
	return body
}

// choose emits the choice among several machines' twins.
func (t twin) choose(body *host.Code, has []machine) {
	body.Block("switch k.level", func(c *host.Code) {
		for _, m := range has {
			c.Line("case cpu.%s:", m.level)
			c.Line("%s%s(%s)", t.twins, m.suffix, t.args())
		}
		c.Line("default:")
		c.Line("%s(%s)", t.name, t.args())
	})
}

// args prints the names of the parameters.
func (t twin) args() string {
	var names []string
	for _, p := range strings.Split(t.params, ", ") {
		name, _, _ := strings.Cut(p, " ")
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}
