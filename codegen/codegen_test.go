package codegen

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gradc/gradc/compiler"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/target/cpu"
)

// BenchmarkEmit turns the graph of each example into the files of its package. It should take less
// than 5 s.
func BenchmarkEmit(b *testing.B) {
	graphs, err := filepath.Glob("../examples/testdata/*.ir")
	if err != nil || len(graphs) == 0 {
		b.Fatalf("%d graphs: %v", len(graphs), err)
	}
	for _, path := range graphs {
		b.Run(strings.TrimSuffix(filepath.Base(path), ".ir"), func(b *testing.B) {
			text, err := os.ReadFile(path)
			if err != nil {
				b.Fatal(err)
			}
			size := 0
			for b.Loop() {
				size = emittedSize(b, string(text))
			}
			b.ReportMetric(float64(size), "bytes")
		})
	}
}

// emittedSize emits the graph of a text, and returns how many bytes the files have.
func emittedSize(b *testing.B, text string) int {
	g, err := ir.Parse(text, op.All())
	if err != nil {
		b.Fatal(err)
	}
	r, err := compiler.Compile(g, cpu.New())
	if err != nil {
		b.Fatal(err)
	}
	files, err := Generate(r, Options{})
	if err != nil {
		b.Fatal(err)
	}
	size := 0
	for _, f := range files {
		size += len(f.Data)
	}
	return size
}
