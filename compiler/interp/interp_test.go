package interp_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/compiler/interp"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
)

// numbers is the graph that the tests run; every kind of operation stands in it once or more.
const numbers = `
x: f32[2,3] = input() shape=[2,3]
b: f32[1,3] = input() shape=[1,3]
label: i32[2] = labels() shape=[2]
label.column: i32[2,1] = reshape(label) shape=[2,1]
sum: f32[2,3] = map(x, b) shape=[2,3] body="x0 + 10*x1"
position: f32[2,3] = map() shape=[2,3] body="i0*3 + i1"
random: f32[2,3] = map() shape=[2,3] body="rand(7)"
picked: f32[2,3] = map(label.column, x) shape=[2,3] body="select(x0 == i1, x1, 0)"
row.sum: f32[2,1] = reduce(x) shape=[2,3] fold="sum" axes=[1] body="x0"
column.mean: f32[1,3] = reduce(x) shape=[2,3] fold="mean" axes=[0] body="x0"
column.var: f32[1,3] = reduce(x) shape=[2,3] fold="var" axes=[0] body="x0"
all.max: f32[1,1] = reduce(x, b) shape=[2,3] fold="max" axes=[0,1] body="x0 - x1"
flat: f32[6] = reshape(x) shape=[6]
product: f32[2,2] = matmul(x, x) trans_a=false trans_b=true
filled: f32[2,3] = map(all.max) shape=[2,3] body="x0"
`

func sources() map[string]ir.Tensor {
	return map[string]ir.Tensor{
		"x":     {Shape: ir.Shape{2, 3}, Data: []float64{1, 2, 3, 5, 7, 11}},
		"b":     {Shape: ir.Shape{1, 3}, Data: []float64{1, 0, -1}},
		"label": {Shape: ir.Shape{2}, Data: []float64{2, 0}},
	}
}

func parse(t *testing.T, text string) *ir.Graph {
	t.Helper()
	g, err := ir.Parse(text, op.All())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestRun(t *testing.T) {
	rand := func(site, element int) float64 { return float64(site) + float64(element)/10 }
	got, err := interp.Run(parse(t, numbers), interp.Env{Sources: sources(), Rand: rand})
	if err != nil {
		t.Fatal(err)
	}
	want := interp.Results{
		"label.column": {Shape: ir.Shape{2, 1}, Data: []float64{2, 0}},
		"sum":          {Shape: ir.Shape{2, 3}, Data: []float64{11, 2, -7, 15, 7, 1}},
		"position":     {Shape: ir.Shape{2, 3}, Data: []float64{0, 1, 2, 3, 4, 5}},
		"random":       {Shape: ir.Shape{2, 3}, Data: []float64{7, 7.1, 7.2, 7.3, 7.4, 7.5}},
		"picked":       {Shape: ir.Shape{2, 3}, Data: []float64{0, 0, 3, 5, 0, 0}},
		"row.sum":      {Shape: ir.Shape{2, 1}, Data: []float64{6, 23}},
		"column.mean":  {Shape: ir.Shape{1, 3}, Data: []float64{3, 4.5, 7}},
		"column.var":   {Shape: ir.Shape{1, 3}, Data: []float64{4, 6.25, 16}},
		"all.max":      {Shape: ir.Shape{1, 1}, Data: []float64{12}},
		"flat":         {Shape: ir.Shape{6}, Data: []float64{1, 2, 3, 5, 7, 11}},
		"product":      {Shape: ir.Shape{2, 2}, Data: []float64{14, 52, 52, 195}},
		"filled":       {Shape: ir.Shape{2, 3}, Data: []float64{12, 12, 12, 12, 12, 12}},
	}
	maps.Copy(want, sources())
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values worked out by hand (-want +got):\n%s", diff)
	}
}

// TestLayoutsDoNotMatter checks that the interpreter reads a value in a blocked layout like any
// other.
func TestLayoutsDoNotMatter(t *testing.T) {
	g := parse(t, `
x: f32[1,2,1,2] = input() shape=[1,2,1,2]
x.blocked: f32[1,2,1,2]nchw16c+1x1 = map(x) shape=[1,2,1,2] body="x0"
y: f32[1,2,1,2] = map(x.blocked) shape=[1,2,1,2] body="2*x0"
`)
	x := ir.Tensor{Shape: ir.Shape{1, 2, 1, 2}, Data: []float64{1, 2, 3, 4}}
	got, err := interp.Run(g, interp.Env{Sources: map[string]ir.Tensor{"x": x}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]float64{2, 4, 6, 8}, got["y"].Data); diff != "" {
		t.Errorf("a conversion changed values (-want +got):\n%s", diff)
	}
}

func TestRunErrors(t *testing.T) {
	tests := []struct {
		name, graph, want string
		change            func(map[string]ir.Tensor)
	}{
		{"missing source", numbers, `input "b": no content is given for it`,
			func(s map[string]ir.Tensor) { delete(s, "b") }},
		{"wrong shape", numbers,
			`input "b": its content has shape [3] and 3 elements, want [1,3]`,
			func(s map[string]ir.Tensor) {
				s["b"] = ir.Tensor{Shape: ir.Shape{3}, Data: []float64{1, 2, 3}}
			}},
		{"short data", numbers,
			`input "b": its content has shape [1,3] and 2 elements, want [1,3]`,
			func(s map[string]ir.Tensor) {
				s["b"] = ir.Tensor{Shape: ir.Shape{1, 3}, Data: []float64{1, 2}}
			}},
		{"composite", numbers + "\nflattened: f32[2,3] = flatten(x) @flat forward \"net.go:5\"\n",
			`net.go:5: flatten "flattened": is a composite, which is expanded before`,
			func(map[string]ir.Tensor) {}},
		{"no random numbers", numbers, `map "random": draws random numbers, none are given`,
			func(map[string]ir.Tensor) {}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := sources()
			test.change(s)
			env := interp.Env{Sources: s}
			if test.name != "no random numbers" {
				env.Rand = func(int, int) float64 { return 0 }
			}
			_, err := interp.Run(parse(t, test.graph), env)
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("error is %v, want %s…", err, test.want)
			}
		})
	}
}
