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
	noAVX512 bool                // no function has a form for AVX-512
	avx2     map[string]bool     // names of those that have no form for AVX-512
	kernels  map[function]string // names
	loops    map[string]string   // names of loops by their key, empty for those without twin
}

// function is a function in assembly. Equal ones are one and the same.
type function interface {
	emit(a *assembler) // the body
}

// Twin promises a function for the kernel of step s, whose result lies as out: in assembly for
// every machine, under a name and the machine's suffix, with the parameters of the Go function name.
// It returns that name, which may be one it promised earlier for a kernel that is the same, and
// reports false if there is no such function.
func (t *Twins) Twin(name, params string, s *plan.Step, out ir.Type) (string, bool) {
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
	doc := s.Kernel.Op.Doc
	t.promise(name, t.avx2Only(work), func(a *assembler, name string) {
		a.begin(name, params, doc)
		f.emit(a)
	})
	return name, true
}

// Shared promises a function that all uses of an operation share, under the name itself and with
// these parameters. It reports false if there is none.
func (t *Twins) Shared(op, name, params string) bool {
	f, ok := kernels()[op].shared[name]
	if ok && !slices.Contains(t.names, name) {
		t.promise(name, t.noAVX512, func(a *assembler, name string) {
			a.begin(name, params, f.doc)
			f.emit(a)
		})
	}
	return ok
}

// promise adds a function, perhaps for AVX2 alone.
func (t *Twins) promise(name string, avx2Only bool, emit func(a *assembler, name string)) {
	t.names = append(t.names, name)
	t.emits = append(t.emits, emit)
	if t.avx2 == nil {
		t.avx2 = map[string]bool{}
	}
	t.avx2[name] = avx2Only
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
