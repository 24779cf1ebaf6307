package goasm

import (
	"strings"
	"testing"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
)

// TestWorth asks for twins of loops of some work in a training step of 10^12 operations, and reads
// which machines' files have them.
func TestWorth(t *testing.T) {
	axes := []plan.FunctionAxis{{Count: 4096, Param: -1}}
	line := scalar.Linearize(scalar.Sum(scalar.X(0), scalar.C(2)))
	loop := func(w plan.Work) plan.Function {
		x := plan.View{Param: 1, Stride: []int{1}}
		y := plan.FunctionOut{View: plan.View{Stride: []int{1}}}
		return plan.Function{Axes: axes, Line: line,
			Params: []string{"[]float32", "[]float32"},
			Args:   []plan.View{x}, Outs: []plan.FunctionOut{y}, Elements: 4096, Work: w}
	}
	for _, c := range []struct {
		reason       string
		work         plan.Work
		avx2, avx512 bool
	}{
		{"much arithmetic", plan.Work{Flops: 1e10, Bytes: 1 << 25, Tasks: 16}, true, true},
		{"it waits for memory", plan.Work{Flops: 1e7, Bytes: 1 << 28, Tasks: 16}, true, false},
		{"it is in caches", plan.Work{Flops: 1e9, Bytes: 1 << 23, Tasks: 16}, true, true},
		{"evaluation", plan.Work{Flops: 1e10, Tasks: 16, Infer: true}, true, false},
		{"not noticed", plan.Work{Flops: 1e8, Tasks: 16}, true, false},
		{"next to nothing", plan.Work{Flops: 1e7, Tasks: 16}, false, false},
		{"the other cores wait for it", plan.Work{Flops: 1e7, Tasks: 1}, true, false},
	} {
		step := &plan.Step{Flops: 1e12, Kernel: &plan.Kernel{}, Loop: &plan.Loop{Domain: ir.Float32(1)}}
		twins := NewTwins(&plan.Program{Train: []*plan.Step{step}}, false)
		if _, ok := twins.Loop("copy", loop(c.work), []string{"y", "x"}); ok != c.avx2 {
			t.Errorf("%s: twins are promised: %t", c.reason, ok)
			continue
		}
		files, err := twins.Files("main")
		if err != nil {
			t.Fatal(err)
		}
		for machine, want := range map[string]bool{"AVX2": c.avx2, "AVX512": c.avx512} {
			text := string(files["kernels_"+strings.ToLower(machine)+"_amd64.s"])
			if strings.Contains(text, "copy"+machine) != want ||
				c.avx2 && twins.Has("copy", machine) != want {
				t.Errorf("%s: a twin for %s: %t", c.reason, machine, !want)
			}
		}
	}
}
