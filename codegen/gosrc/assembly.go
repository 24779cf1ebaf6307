package gosrc

import (
	"strings"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// Assembly gives functions twins in assembly.
type Assembly interface {
	// Twin promises a twin of the function that computes the kernel of step s with its result lying
	// as out, for each of Machines: of the same arguments, under name and the machine's suffix. It
	// reports false if there is none. It is called once for each name.
	Twin(name string, s *plan.Step, out ir.Type) bool
}

// machine is an instruction set that twins are made for.
type machine struct{ level, suffix string }

// machines are the instruction sets by their name in runtime/cpu, the best first.
var machines = []machine{{"AVX512", "AVX512"}, {"AVX2", "AVX2"}}

// twin is a function that has twins in assembly.
type twin struct{ name, params string }

// twinOf returns what a method calls: the function itself, or the field that holds the best of its
// twins.
func (k *kernel) twinOf(name, params string) string {
	if k.Assembly == nil {
		return name
	}
	for _, t := range k.twins {
		if t.name == name {
			return "n.kernels." + name
		}
	}
	if !k.Assembly.Twin(name, k.step, k.out.typ) {
		return name
	}
	k.twins = append(k.twins, twin{name, params})
	return "n.kernels." + name
}

// kernelTable emits the functions that have twins, and how one is chosen.
func (e *emitter) kernelTable(file *code) error {
	if len(e.twins) == 0 {
		return nil
	}
	fields := &code{}
	for _, t := range e.twins {
		fields.line("%s func(%s)", t.name, t.params)
	}
	file.gap()
	file.comment("kernels are the functions that have twins in assembly.")
	file.block("type kernels struct", func(c *code) { c.add(fields) })
	file.declare(function{
		doc:  []string{"goKernels are the functions in Go, for every processor."},
		name: "goKernels", results: "kernels", body: e.kernelsOf(""),
	})
	return nil
}

// kernelsOf emits the literal of the functions with a suffix.
func (e *emitter) kernelsOf(suffix string) *code {
	var list strings.Builder
	for _, t := range e.twins {
		list.WriteString(t.name + ": " + t.name + suffix + ",\n")
	}
	c := &code{}
	c.line("return kernels{\n%s}", list.String())
	return c
}

// chooseTwins emits the choice among the twins, for processors that may have them.
func (e *emitter) chooseTwins(file *code) error {
	if len(e.twins) == 0 {
		return nil
	}
	body := &code{}
	body.block("switch level", func(c *code) {
		for _, m := range machines {
			c.line("case cpu.%s:", m.level)
			c.add(e.kernelsOf(m.suffix))
		}
	})
	body.line("return goKernels()")
	file.declare(function{
		doc:  []string{"newKernels returns the functions for what the processor can do."},
		name: "newKernels", params: "level cpu.Level", results: "kernels", body: body,
	})
	return nil
}

// withoutTwins emits the choice where there are no twins.
func (e *emitter) withoutTwins(file *code) error {
	if len(e.twins) == 0 {
		return nil
	}
	body := &code{}
	body.line("return goKernels()")
	file.declare(function{
		doc:  []string{"newKernels returns the functions in Go: there are no others here."},
		name: "newKernels", params: "cpu.Level", results: "kernels", body: body,
	})
	return nil
}
