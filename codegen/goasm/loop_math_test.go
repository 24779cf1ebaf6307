package goasm

import (
	"math"
	"testing"

	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/scalar"
)

// TestFunctions computes every function of one argument for a dense sample of all float32 numbers,
// and wants the bits that runtime/f32 yields.
func TestFunctions(t *testing.T) {
	h := newHarness(t)
	var x []float32
	for word := uint64(0); word < 1<<32; word += 16381 {
		x = append(x, math.Float32frombits(uint32(word)))
	}
	for _, c := range []float32{0, 1, -1, expMax, expMin, expm1Max, expm1Min, 0x1p-24, math.MaxFloat32,
		float32(math.Inf(1)), float32(math.NaN()), 0x1p-126} {
		for _, c := range []float32{c, -c} {
			x = append(x, c, math.Nextafter32(c, 0), math.Nextafter32(c, float32(math.Inf(1))))
		}
	}
	for _, o := range primitives(1) {
		l := plan.Function{Elements: math.MaxInt,
			Params: []string{"[]float32", "[]float32"},
			Axes:   []plan.FunctionAxis{{Count: len(x), Param: -1}},
			Args:   []plan.View{{Param: 0, Stride: []int{1}}},
			Line:   scalar.Linearize(&scalar.Expr{Op: o, Args: [3]*scalar.Expr{scalar.X(0)}}),
		}
		l.Outs = []plan.FunctionOut{{View: plan.View{Param: 1, Stride: []int{1}},
			Instr: l.Line.Result[0]}}
		twins := &Twins{}
		if _, ok := twins.Loop(o.String(), l, []string{"x", "y"}); !ok {
			t.Fatalf("%s has no twin", o)
		}
		h.emit(o.String(), "a[0], a[1]", twins.emits[0])
		y := make([]float32, len(x))
		runReference(l, [][]float32{x, y}, []int{len(x)})
		for _, m := range Machines() {
			if runs[m.Name] {
				h.calls = append(h.calls,
					call{o.String() + m.Suffix, [][]float32{x, make([]float32, len(x))}, nil})
				h.wants = append(h.wants, wanted{all: [][]float32{x, y}})
			}
		}
	}
	h.run()
}
