package goasm

import (
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// Twins collects functions that replace Go functions of the same arguments, and prints them for
// every machine.
type Twins struct {
	total    int64 // effort of a training step, 0 if it is not known
	names    []string
	emits    []func(a *assembler, name string)
	avx2Only bool
	avx2     map[string]bool     // names of those that have no form for AVX-512
	kernels  map[function]string // names
	loops    map[string]string   // names of loops by their key, empty for those without twin
}

// function is a function in assembly. Equal ones are one and the same.
type function interface {
	emit(a *assembler, name string)
}

// Twin promises a function for the kernel of step s, whose result lies as out: in assembly for
// every machine, under a name and the machine's suffix, with the arguments of the Go function name.
// It returns that name, which may be one it promised earlier for a kernel that is the same, and
// reports false if there is no such function.
func (t *Twins) Twin(name string, s *plan.Step, out ir.Type) (string, bool) {
	find, work := kernels()[s.Kernel.Op.Name].find, s.Work(false)
	if find == nil || !t.worth(work) {
		return "", false
	}
	f := find(s, out)
	if f == nil {
		return "", false
	}
	if known, ok := t.kernels[f]; ok {
		return known, true
	}
	if t.kernels == nil {
		t.kernels = map[function]string{}
	}
	t.kernels[f] = name
	t.promise(name, t.narrow(work), f.emit)
	return name, true
}

// Shared promises a function that all uses of an operation share, under the name itself. It reports
// false if there is none.
func (t *Twins) Shared(op, name string) bool {
	emit := kernels()[op].shared[name]
	if emit != nil && !slices.Contains(t.names, name) {
		t.promise(name, false, emit)
	}
	return emit != nil
}

// promise adds a function, for AVX2 alone if it is narrow.
func (t *Twins) promise(name string, narrow bool, emit func(a *assembler, name string)) {
	t.names = append(t.names, name)
	t.emits = append(t.emits, emit)
	if t.avx2 == nil {
		t.avx2 = map[string]bool{}
	}
	t.avx2[name] = narrow || t.avx2Only
}

// Has reports whether a twin is there for the machine of a suffix. Where it is not, that for the
// machine behind it does as well.
func (t *Twins) Has(twin, suffix string) bool { return suffix == "AVX2" || !t.avx2[twin] }

// Files prints the functions for package pkg, by file name.
func (t *Twins) Files(pkg string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, m := range Machines() {
		if !slices.ContainsFunc(t.names, func(name string) bool { return t.Has(name, m.Suffix) }) {
			continue
		}
		out, err := assemble(m, pkg, func(a *assembler) {
			for i, emit := range t.emits {
				if t.Has(t.names[i], m.Suffix) {
					emit(a, t.names[i]+m.Suffix)
				}
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
