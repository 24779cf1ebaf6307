package gosrc_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gradc/gradc/codegen/gosrc"
	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/pass"
	"github.com/gradc/gradc/compiler/scalar"
	"github.com/gradc/gradc/compiler/target/cpu"
)

// TestStorageIsRefused plans a map whose result is stored in half precision, which no slice holds.
func TestStorageIsRefused(t *testing.T) {
	u := newUses(1)
	x := u.source("x", "param", ir.Shape{4, 6}, u.rand, (*rand.Rand).Float64)
	y := u.builder.Map("y", x.Type.Shape, scalar.MustParse("2*x0"), x)
	u.graph.Outputs = []ir.Output{{Name: "y", Value: y}}
	must(t, pass.Layout(u.graph, cpu.New()))
	y.Type.Layout.Storage = ir.F16
	program, err := pass.Schedule(cpu.New(), u.graph, nil, nil)
	must(t, err)
	pass.Memory(program)
	_, err = host.Files(host.Network{Plan: program, Model: u.graph}, gosrc.Kernels(nil))
	const want = "y is stored as f16: code for processors stores f32 and i32 alone"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one that says %q", err, want)
	}
}
