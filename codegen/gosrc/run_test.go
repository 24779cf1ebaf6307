package gosrc_test

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gradc/gradc/codegen/gosrc"
	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

//go:embed testdata/drive.go.txt
var driver string

// seed is that of the random numbers of emitted programs that tests run.
const seed = 7

// memory is what an emitted program leaves behind, by space.
type memory map[plan.Space][]float32

// execute emits a program and runs its training steps once.
func execute(t *testing.T, p *plan.Program, model *ir.Graph, sources map[string]ir.Tensor) memory {
	t.Helper()
	files, err := host.Files(host.Network{Plan: p, Model: model}, gosrc.Kernels(nil))
	if err != nil {
		t.Fatal(err)
	}
	return run(t, build(t, p, files), p, sources)
}

// run runs the training steps of an emitted program once.
func run(t *testing.T, program string, p *plan.Program, sources map[string]ir.Tensor) memory {
	t.Helper()
	command := exec.Command(program)
	command.Stdin = bytes.NewReader(contents(t, p, sources))
	var out, problem bytes.Buffer
	command.Stdout, command.Stderr = &out, &problem
	if err := command.Run(); err != nil {
		t.Fatalf("running the emitted program: %v\n%s", err, problem.String())
	}
	m := memory{}
	for _, space := range []plan.Space{plan.Arena, plan.Params, plan.Grads, plan.States} {
		m[space] = make([]float32, plan.Floats(p.Size[space]))
		if err := binary.Read(&out, binary.LittleEndian, m[space]); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// build compiles the files of a package main in a workspace with this module, so that nothing has to
// be downloaded, and returns the path of the program. Its main runs the training steps once.
func build(t *testing.T, p *plan.Program, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	delete(files, "main.go")
	files["memory.txt"] = []byte("memory")
	files["drive.go"] = fmt.Appendf(nil, "%s\nconst (\n\tnumImages = %d\n\tnumLabels = %d\n)\n",
		driver, plan.Floats(p.Size[plan.Images]), plan.Floats(p.Size[plan.Labels]))
	files["go.mod"] = []byte("module cases\n\ngo 1.26.0\n")
	files["go.work"] = fmt.Appendf(nil, "go 1.26.0\n\nuse (\n\t.\n\t%q\n)\n", root)
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command("go", "build", "-o", "program", ".")
	command.Dir = dir
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("building the emitted package: %v\n%s", err, out)
	}
	return filepath.Join(dir, "program")
}

// contents returns what the program reads: the blocks of its sources.
func contents(t *testing.T, p *plan.Program, sources map[string]ir.Tensor) []byte {
	t.Helper()
	var out bytes.Buffer
	for _, space := range []plan.Space{plan.Params, plan.States, plan.Images, plan.Labels} {
		block := make([]float32, plan.Floats(p.Size[space]))
		for _, b := range p.Buffers {
			if s, ok := sources[b.Name]; ok && b.Space == space && b.Kind != plan.Block {
				for i, v := range s.Data {
					block[plan.Floats(b.Offset)+i] = float32(v)
				}
			}
		}
		var data any = block
		if space == plan.Labels {
			labels := make([]int32, len(block))
			for i, v := range block {
				labels[i] = int32(v)
			}
			data = labels
		}
		if err := binary.Write(&out, binary.LittleEndian, data); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// compareWithin reports where a tensor in the memory differs from what it should be by more than a
// tolerance, relative to the largest of its elements.
func compareWithin(
	t *testing.T, what string, m memory, o plan.Operand, want ir.Tensor, tolerance float64,
) {
	t.Helper()
	scale := 0.0
	for _, v := range want.Data {
		scale = max(scale, math.Abs(v))
	}
	block, place := m[o.Buffer.Space][plan.Floats(o.Buffer.Offset):], o.Type.Place()
	coord := make([]int, len(o.Type.Shape))
	for i, v := range want.Data {
		rest := i
		for axis := len(coord) - 1; axis >= 0; axis-- {
			coord[axis] = rest % o.Type.Shape[axis]
			rest /= o.Type.Shape[axis]
		}
		got := float64(block[place.Offset(coord...)])
		if !(math.Abs(got-v) <= tolerance*scale+1e-6) {
			t.Errorf("%s: element %v is %v, want %v", what, slices.Clone(coord), got, v)
			return
		}
	}
}
