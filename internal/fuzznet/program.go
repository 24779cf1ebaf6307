package fuzznet

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/gradc/gradc/codegen"
	"github.com/gradc/gradc/compiler"
	"github.com/gradc/gradc/compiler/target/cpu"
	machine "github.com/gradc/gradc/runtime/cpu"
)

// module is the path of the module that emitted networks are built in. It lies below ours, so that
// it may import package subject.
const module = "github.com/gradc/gradc/fuzzed"

// Tools say how networks are built.
type Tools struct {
	Root    string // folder of this module
	Race    bool   // with the race detector, which needs a C compiler
	Overlay string // file for go build's -overlay, or empty
	Cache   string // folder in place of the user's GOCACHE, or empty
	Jobs    int    // of a build
}

// compiled is a network that is part of a program.
type compiled struct {
	*Network
	*reference
	result *compiler.Result
	index  int // in the program
}

// program is a built program of several networks.
type program struct {
	path     string
	networks []*compiled
}

// build emits and builds networks in a folder. What is wrong with a network is a Failure.
func (t *Tools) build(dir string, networks []*Network) (*program, []Failure, error) {
	p := &program{path: filepath.Join(dir, "program")}
	var failures []Failure
	for i, n := range networks {
		c, err := emit(dir, i, n)
		if err != nil {
			failures = append(failures, Failure{n, "emit", err.Error()})
			continue
		}
		p.networks = append(p.networks, c)
	}
	for len(p.networks) > 0 {
		if err := t.writeMain(dir, p.networks); err != nil {
			return nil, nil, err
		}
		out, err := t.goBuild(dir)
		if err == nil {
			break
		}
		var sound []*compiled
		for _, c := range p.networks {
			if text := about(string(out), c); text != "" {
				failures = append(failures, Failure{c.Network, "build", text})
			} else {
				sound = append(sound, c)
			}
		}
		if len(sound) == len(p.networks) {
			return nil, nil, fmt.Errorf("go build: %w\n%s", err, out)
		}
		p.networks = sound
	}
	return p, failures, nil
}

// emit writes the package of a network.
func emit(dir string, i int, n *Network) (c *compiled, err error) {
	defer func() {
		if e := recover(); e != nil {
			err = fmt.Errorf("panic: %v\n%s", e, debug.Stack())
		}
	}()
	g, err := n.Graph()
	if err != nil {
		return nil, err
	}
	r, err := compiler.Compile(g, cpu.New())
	if err != nil {
		return nil, err
	}
	f, err := newReference(r)
	if err != nil {
		return nil, err
	}
	c = &compiled{Network: n, reference: f, result: r, index: i}
	levels, err := Levels()
	if err != nil {
		return nil, err
	}
	files, err := codegen.Generate(r, codegen.Options{Name: c.name(),
		AVX2Only: !slices.Contains(levels, machine.AVX512)}) // assembling takes time
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(dir, c.name())
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return nil, err
	}
	files = append(files, codegen.File{Name: "subject.go",
		Data: fmt.Appendf(nil, subjectFile, c.name())})
	for _, f := range files {
		if strings.HasSuffix(f.Name, "_test.go") {
			continue
		}
		if err := os.WriteFile(filepath.Join(folder, f.Name), f.Data, 0o666); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// subjectFile is put into the package of a network.
const subjectFile = `package %s

import (
	"github.com/gradc/gradc/internal/fuzznet/subject"
	"github.com/gradc/gradc/runtime/parallel"
	"github.com/gradc/gradc/runtime/trainer"
)

// Build makes the network for a comparison.
func Build(seed uint64, pool *parallel.Pool) *subject.Subject {
	n := newNet(seed, pool)
	return &subject.Subject{Network: n, Arena: n.arena, Grads: n.grads,
		Passes: [][]trainer.Kernel{n.forward, n.backward, n.update, n.infer}}
}
`

// name is that of the network's package.
func (c *compiled) name() string { return fmt.Sprint("net", c.index) }

// writeMain writes the program's main package and its module.
func (t *Tools) writeMain(dir string, networks []*compiled) error {
	var imports, builds strings.Builder
	for i, c := range networks {
		fmt.Fprintf(&imports, "\t%q\n", module+"/"+c.name())
		fmt.Fprintf(&builds, "\t\t%s.Build, // %d\n", c.name(), i)
	}
	text := fmt.Sprintf("package main\n\nimport (\n\t%q\n%s)\n\nfunc main() {\n"+
		"\tsubject.Main([]subject.Build{\n%s\t})\n}\n",
		"github.com/gradc/gradc/internal/fuzznet/subject", imports.String(), builds.String())
	write := func(name, data string) error {
		return os.WriteFile(filepath.Join(dir, name), []byte(data), 0o666)
	}
	return errors.Join(write("main.go", text), write("go.mod", "module "+module+"\n\ngo 1.26.0\n"),
		write("go.work", fmt.Sprintf("go 1.26.0\n\nuse (\n\t.\n\t%q\n)\n", t.Root)))
}

func (t *Tools) goBuild(dir string) ([]byte, error) {
	args := []string{"build", "-buildvcs=false", "-ldflags=-s -w", "-o", "program"}
	if t.Jobs > 0 {
		args = append(args, fmt.Sprint("-p=", t.Jobs))
	}
	if t.Race {
		args = append(args, "-race")
	}
	if t.Overlay != "" {
		args = append(args, "-overlay", t.Overlay)
	}
	command := exec.Command("go", append(args, ".")...)
	command.Dir = dir
	command.Env = append(command.Environ(), "GOWORK="+filepath.Join(dir, "go.work"),
		"GOGC=400") // a tenth of the time is collecting garbage
	if t.Race {
		command.Env = append(command.Env, "CGO_ENABLED=1")
	}
	if t.Cache != "" {
		command.Env = append(command.Env, "GOCACHE="+t.Cache)
	}
	return command.CombinedOutput()
}

// about returns what the output of go build says of a network's package.
func about(out string, c *compiled) string {
	_, rest, found := strings.Cut(out, "# "+module+"/"+c.name()+"\n")
	if !found {
		return ""
	}
	lines, _, _ := strings.Cut(rest, "\n# ")
	return string(bytes.TrimSpace([]byte(lines)))
}
