package op_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
)

// field is a field of a row and whether it is set.
type field struct {
	name string
	set  bool
}

func fields(row *ir.Op) []field {
	return []field{
		{"Name", row.Name != ""}, {"Doc", row.Doc != ""}, {"Shape", row.Shape != nil},
		{"Grad", row.Grad != nil}, {"Body", row.Body != nil}, {"Ref", row.Ref != nil},
		{"Flops", row.Flops != nil}, {"Expand", row.Expand != nil}, {"Sample", row.Sample != nil},
	}
}

// needs lists what a row of each kind must have, and may lists what it can have besides.
var needs = map[ir.Kind]struct{ must, may string }{
	ir.Source:    {"Name Doc Shape", ""},
	ir.View:      {"Name Doc Shape Grad Sample", ""},
	ir.Map:       {"Name Doc Shape Body Sample", "Grad"},
	ir.Reduce:    {"Name Doc Shape Grad Body Sample", ""},
	ir.Kernel:    {"Name Doc Shape Grad Ref Flops Sample", ""},
	ir.Composite: {"Name Doc Shape Expand Sample", "Grad"},
}

// faults names the fields that a row lacks or has in vain. The gradients of kernels have none
// themselves, nor have kernels that replace others behind all differentiation.
func faults(row *ir.Op) []string {
	need := needs[row.Kind]
	must, may := strings.Fields(need.must), strings.Fields(need.may)
	if strings.HasSuffix(row.Name, "_dx") || strings.HasSuffix(row.Name, "_dw") ||
		strings.HasPrefix(row.Name, "winograd") {
		must = slices.DeleteFunc(must, func(s string) bool { return s == "Grad" })
	}
	var list []string
	for _, f := range fields(row) {
		switch needed := slices.Contains(must, f.name); {
		case needed && !f.set:
			list = append(list, "lacks "+f.name)
		case f.set && !needed && !slices.Contains(may, f.name):
			list = append(list, "has no use for "+f.name)
		}
	}
	return list
}

func TestRowsAreComplete(t *testing.T) {
	for name, row := range op.All() {
		if name != row.Name {
			t.Errorf("%s stands in the table as %s", row.Name, name)
		}
		for _, fault := range faults(row) {
			t.Errorf("%s %s", name, fault)
		}
	}
}

func TestFaultsAreNamed(t *testing.T) {
	row := op.All()["conv2d"]
	broken := *row
	broken.Ref, broken.Doc, broken.Body = nil, "", op.All()["relu"].Body
	want := []string{"lacks Doc", "has no use for Body", "lacks Ref"}
	if diff := cmp.Diff(want, faults(&broken)); diff != "" {
		t.Errorf("faults of a broken row (-want +got):\n%s", diff)
	}
}

func TestTableIsWhole(t *testing.T) {
	want := strings.Fields(`add avg_pool2d avg_pool2d_dx batch_norm bias block conv2d conv2d_dw
		conv2d_dx cross_entropy dropout flatten focal_loss global_avg_pool global_max_pool input
		labels leaky_relu linear map matmul max_pool2d max_pool2d_dx mul param reduce relu reshape
		scalar scale selu sigmoid softmax softplus state winograd winograd_dw winograd_weights`)
	got := slices.Sorted(maps.Keys(op.All()))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a row is lost, or two have one name (-want +got):\n%s", diff)
	}
}

// TestTrainingAttributes changes attributes that are said to mean nothing in evaluation.
func TestTrainingAttributes(t *testing.T) {
	found := 0
	for _, row := range op.All() {
		for _, spec := range row.Attrs {
			if !spec.Training {
				continue
			}
			found++
			evaluation := func(value float64) string {
				r := rand.New(rand.NewPCG(1, 2))
				s := row.Sample(r)
				s.Attrs[spec.Name] = value
				return ir.Format(newUse(t, row, s, r).forward(t, ir.Infer))
			}
			if diff := cmp.Diff(evaluation(0.25), evaluation(0.75)); diff != "" {
				t.Errorf("%s of %s shows in evaluation:\n%s", spec.Name, row.Name, diff)
			}
		}
	}
	if found == 0 {
		t.Error("no operation has such an attribute")
	}
}
