package codegen_test

import (
	"fmt"
	"testing"

	"github.com/gradc/gradc/codegen"
	"github.com/gradc/gradc/compiler"
	"github.com/gradc/gradc/compiler/target/cpu"
	"github.com/gradc/gradc/dsl"
)

// BenchmarkBlocks generates residual networks of more and more blocks. The time per block should
// grow little.
func BenchmarkBlocks(b *testing.B) {
	for _, blocks := range []int{25, 50, 100, 200, 1000} {
		b.Run(fmt.Sprint(blocks), func(b *testing.B) {
			for b.Loop() {
				generate(b, residual(blocks))
			}
			b.ReportMetric(b.Elapsed().Seconds()*1e3/float64(b.N*blocks), "ms/block")
		})
	}
}

func generate(tb testing.TB, m *dsl.Model) []codegen.File {
	tb.Helper()
	g, err := m.Graph()
	if err != nil {
		tb.Fatal(err)
	}
	r, err := compiler.Compile(g, cpu.New())
	if err != nil {
		tb.Fatal(err)
	}
	files, err := codegen.Generate(r, codegen.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return files
}

// residual returns a network of residual blocks.
func residual(blocks int) *dsl.Model {
	conv := func() dsl.Layer {
		return dsl.Sequential(dsl.Conv2D(16, 3, dsl.Padding(1), dsl.NoBias()), dsl.BatchNorm())
	}
	layers := []dsl.Layer{conv(), dsl.ReLU()}
	for range blocks {
		layers = append(layers, dsl.Residual(dsl.Sequential(conv(), dsl.ReLU(), conv())), dsl.ReLU())
	}
	layers = append(layers, dsl.GlobalAvgPool(), dsl.Flatten(), dsl.Linear(10))
	return dsl.New("residual", dsl.Image(3, 16, 16), dsl.Sequential(layers...), dsl.Recipe{
		Loss: dsl.CrossEntropy(), Optimizer: dsl.SGD(0.1), Data: "digits", Batch: 4, Epochs: 1,
	})
}
