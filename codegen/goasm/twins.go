package goasm

import (
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// Twins collects functions that replace Go functions of the same arguments, and prints them for
// every machine.
type Twins struct {
	names []string
	emits []func(a *assembler, name string)
	loops map[string]string // names of elementwise loops by their key, empty for those without twin
}

// Twin promises a function for the kernel of step s, whose result lies as out: in assembly for
// every machine, under name and the machine's suffix, with the arguments of the Go function of
// that name. It reports false if there is none.
func (t *Twins) Twin(name string, s *plan.Step, out ir.Type) bool {
	emit := twins[s.Kernel.Op.Name]
	if emit == nil {
		return false
	}
	body := emit(s, out)
	if body == nil {
		return false
	}
	t.names = append(t.names, name)
	t.emits = append(t.emits, body)
	return true
}

// twins are the kernels in assembly, by operation; they return nil where they have no form for a
// use of it.
var twins = map[string]func(s *plan.Step, out ir.Type) func(a *assembler, name string){
	"avg_pool2d":    avgPool2dTwin,
	"avg_pool2d_dx": avgPool2dDXTwin,
	"conv2d":        convolutionTwin,
	"conv2d_dw":     correlationTwin,
	"conv2d_dx":     convolutionTwin,
	"matmul":        productTwin,
	"max_pool2d":    maxPool2dTwin,
	"max_pool2d_dx": maxPool2dDXTwin,
}

func convolutionTwin(s *plan.Step, out ir.Type) func(a *assembler, name string) {
	c, ok := convOf(s.Kernel, out)
	if !ok {
		return nil
	}
	return func(a *assembler, name string) { a.convolve(name, c) }
}

func correlationTwin(s *plan.Step, _ ir.Type) func(a *assembler, name string) {
	c := correlationOf(s.Kernel)
	if blocks := c.count / ir.Lanes; s.Pieces[1] > 1 &&
		(c.count%ir.Lanes != 0 || blocks%s.Pieces[1] != 0) {
		return nil // a task's channels are not whole blocks
	}
	return func(a *assembler, name string) { a.correlate(name, c) }
}

func productTwin(s *plan.Step, out ir.Type) func(a *assembler, name string) {
	p, ok := productOf(s.Kernel, out, max(1, s.Split))
	if !ok {
		return nil
	}
	return func(a *assembler, name string) { a.multiply(name, p) }
}

// Files prints the functions for package pkg, by file name.
func (t *Twins) Files(pkg string) (map[string][]byte, error) {
	files := map[string][]byte{}
	if len(t.names) == 0 {
		return files, nil
	}
	for _, m := range Machines() {
		out, err := assemble(m, pkg, func(a *assembler) {
			for i, emit := range t.emits {
				emit(a, t.names[i]+m.Suffix)
			}
		})
		if err != nil {
			return nil, err
		}
		files["kernels_"+m.Name+"_amd64.s"] = out.Text
		files["kernels_"+m.Name+"_amd64.go"] = out.Stubs
	}
	return files, nil
}
