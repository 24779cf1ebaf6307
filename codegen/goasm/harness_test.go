package goasm

import (
	_ "embed"
	"encoding/gob"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/cpu"
)

//go:embed testdata/harness.go.txt
var harnessText string

// harness collects functions and calls of them, and runs them all in one program whose memory has
// guard pages at both ends of every argument.
type harness struct {
	*testing.T
	exact bool // results must be those wanted to the bit, but for what kind of NaN it is
	emits []func(a *assembler)
	forms []string // how the table calls the functions
	calls []call
	wants []wanted
	names []string
}

// call is what the program reads and writes.
type call struct {
	Func string
	Args [][]float32
	Ints []int
}

// wanted is what a call must yield, at some offsets of its result.
type wanted struct {
	offsets []int
	want    []float64

	all [][]float32 // if set, what all arguments must hold, to the bit, or anything
}

// runs tells which machines this processor is. The others' functions are assembled and vetted.
var runs = map[string]bool{
	"avx2":   cpu.X86.HasAVX2 && cpu.X86.HasFMA,
	"avx512": cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ,
}

func newHarness(t *testing.T) *harness { return &harness{T: t} }

// emit adds a function; form is how it is called with a and n, the slices and the numbers.
func (h *harness) emit(name, form string, body func(a *assembler, name string)) {
	h.names, h.forms = append(h.names, name), append(h.forms, form)
	h.emits = append(h.emits, func(a *assembler) { body(a, name+a.Suffix) })
}

// kernel adds a function with parameters of slices and numbers, which the calls' arguments are for in
// this order.
func (h *harness) kernel(name, params string, body func(a *assembler)) {
	var form []string
	slices, numbers := 0, 0
	typ := ""
	for i, list := 0, strings.Split(params, ", "); i < len(list); i++ {
		for _, p := range list[i:] { // the next type is that of all names before it
			var ok bool
			if _, typ, ok = strings.Cut(p, " "); ok {
				break
			}
		}
		if typ == "int" {
			form = append(form, fmt.Sprintf("n[%d]", numbers))
			numbers++
		} else {
			form = append(form, fmt.Sprintf("a[%d]", slices))
			slices++
		}
	}
	h.emit(name, strings.Join(form, ", "), func(a *assembler, name string) {
		a.begin(name, params)
		body(a)
	})
}

func (h *harness) call(
	name string, y, a, b []float32, ints []int, offsets []int, want []float64,
) {
	for _, m := range Machines() {
		if !runs[m.Name] {
			continue
		}
		out := append([]float32(nil), y...)
		h.calls = append(h.calls, call{name + m.Suffix, [][]float32{out, a, b}, ints})
		h.wants = append(h.wants, wanted{offsets: offsets, want: want})
	}
}

// run assembles, builds, vets and runs the program, and compares.
func (h *harness) run() {
	h.Helper()
	dir := h.TempDir()
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			h.Fatal(err)
		}
	}
	table := "package main\n\nimport \"unsafe\"\n\nvar _ unsafe.Pointer\n\nvar functions = map[string]func(a [][]float32, n []int){\n"
	for _, m := range Machines() {
		out, err := assemble(m, "main", func(a *assembler) {
			for _, emit := range h.emits {
				emit(a)
			}
		})
		if err != nil {
			h.Fatal(err)
		}
		write(m.Name+"_amd64.s", out.Text)
		write(m.Name+"_amd64.go", out.Stubs)
		for i, name := range h.names {
			table += fmt.Sprintf("\t%q: func(a [][]float32, n []int) { %s(%s) },\n",
				name+m.Suffix, name+m.Suffix, h.forms[i])
		}
	}
	write("table.go", []byte(table+"}\n"))
	write("main.go", []byte(harnessText))
	write("go.mod", []byte("module harness\n\ngo 1.26\n"))
	for _, args := range [][]string{{"vet", "-asmdecl", "."}, {"build", "-o", "program", "."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			h.Fatalf("go %s: %v\n%s", args[0], err, out)
		}
	}
	for i, c := range h.execute(dir) {
		h.compare(c, h.wants[i])
	}
}

func (h *harness) execute(dir string) []call {
	h.Helper()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	f, err := os.Create(in)
	if err != nil {
		h.Fatal(err)
	}
	if err := gob.NewEncoder(f).Encode(h.calls); err != nil {
		h.Fatal(err)
	}
	f.Close()
	if text, err := exec.Command(filepath.Join(dir, "program"), in, out).CombinedOutput(); err != nil {
		h.Fatalf("%v\n%s", err, text)
	}
	f, err = os.Open(out)
	if err != nil {
		h.Fatal(err)
	}
	defer f.Close()
	var got []call
	if err := gob.NewDecoder(f).Decode(&got); err != nil {
		h.Fatal(err)
	}
	return got
}

// compare wants a relative error in the 2-norm of at most 1e-5, or equal bits.
func (h *harness) compare(c call, w wanted) {
	h.Helper()
	if w.all != nil {
		h.compareAll(c, w.all)
		return
	}
	if h.exact {
		h.compareBits(c, w)
		return
	}
	var off, size float64
	for i, at := range w.offsets {
		d := float64(c.Args[0][at]) - w.want[i]
		off += d * d
		size += w.want[i] * w.want[i]
	}
	if !(math.Sqrt(off) <= 1e-5*math.Sqrt(size)) {
		h.Errorf("%s: relative error %g", c.Func, math.Sqrt(off/size))
	}
}

func (h *harness) compareBits(c call, w wanted) {
	h.Helper()
	for i, at := range w.offsets {
		got, want := c.Args[0][at], float32(w.want[i])
		if math.Float32bits(got) != math.Float32bits(want) && (got == got || want == want) {
			h.Errorf("%s: %v at offset %d, not %v", c.Func, got, at, want)
			return
		}
	}
}

func (h *harness) compareAll(c call, want [][]float32) {
	h.Helper()
	for i, arg := range want {
		for at, w := range arg {
			got := c.Args[i][at]
			if math.Float32bits(w) == anything {
				continue
			}
			if math.Float32bits(got) != math.Float32bits(w) && (got == got || w == w) {
				h.Errorf("%s: argument %d holds %v at offset %d, not %v", c.Func, i, got, at, w)
				return
			}
		}
	}
}
