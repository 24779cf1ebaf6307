package compiler_test

import (
	"os"
	"testing"

	"github.com/gradc/gradc/compiler"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/target/cpu"
)

// BenchmarkCheck compiles networks, plan.Check included, and checks their plans once more: that
// should take a tenth of the time at most.
func BenchmarkCheck(b *testing.B) {
	for _, name := range []string{"cifar-resnet", "mnist-cnn"} {
		text, err := os.ReadFile("../examples/testdata/" + name + ".ir")
		if err != nil {
			b.Fatal(err)
		}
		compile := func() *compiler.Result {
			g, err := ir.Parse(string(text), op.All())
			if err != nil {
				b.Fatal(err)
			}
			r, err := compiler.Compile(g, cpu.New())
			if err != nil {
				b.Fatal(err)
			}
			return r
		}
		p := compile().Plan
		b.Run(name+"/compile", func(b *testing.B) {
			for b.Loop() {
				compile()
			}
		})
		b.Run(name+"/check", func(b *testing.B) {
			for b.Loop() {
				if err := plan.Check(p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
