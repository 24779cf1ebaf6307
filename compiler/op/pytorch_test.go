package op_test

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gradc/gradc/compiler/interp"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
)

// vector is a case of a file in testdata/pytorch, whose form make_vectors.py describes.
type vector struct {
	name   string
	mode   string // train or infer
	graph  string
	given  map[string][]float64
	expect map[string][]float64
}

func readVectors(t *testing.T, stem string) []vector {
	t.Helper()
	file := filepath.Join("testdata", "pytorch", stem+".txt")
	text, err := os.ReadFile(file)
	must(t, err)
	var list []vector
	for i, line := range strings.Split(string(text), "\n") {
		word, rest, _ := strings.Cut(line, " ")
		if word == "" || word == "//" {
			continue
		}
		if word == "case" {
			mode, name, _ := strings.Cut(rest, " ")
			list = append(list, vector{name: name, mode: mode, given: map[string][]float64{},
				expect: map[string][]float64{}})
			continue
		}
		v := &list[len(list)-1]
		switch word {
		case "given":
			err = readNumbers(v.given, rest)
		case "expect":
			err = readNumbers(v.expect, rest)
		default:
			v.graph += line + "\n"
		}
		if err != nil {
			t.Fatalf("%s:%d: %v", file, i+1, err)
		}
	}
	return list
}

func readNumbers(to map[string][]float64, text string) error {
	name, list, _ := strings.Cut(text, " = ")
	for _, field := range strings.Fields(list) {
		e, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return err
		}
		to[name] = append(to[name], e)
	}
	return nil
}

// use returns the graph of a vector with its contents.
func (v vector) use(t *testing.T) use {
	t.Helper()
	g, err := ir.Parse(v.graph, op.All())
	must(t, err)
	u := use{g, map[string]ir.Tensor{}}
	y := g.Values[len(g.Values)-1]
	for _, source := range g.Values {
		if source.Op.Kind == ir.Source {
			u.sources[source.Name] = ir.Tensor{Shape: source.Type.Shape,
				Data: v.given[source.Name]}
		}
	}
	weight := ir.NewTensor(y.Type.Shape)
	copy(weight.Data, v.given["weight"])
	u.weigh(y, weight)
	return u
}

// TestPyTorch compares results, gradients and updates with those of PyTorch for every operation
// that a network can hold.
func TestPyTorch(t *testing.T) {
	// The general forms stand in what others expand to, bias in the cases of conv2d and linear.
	within := []string{"map", "reduce", "reshape", "bias"}
	for name, row := range op.All() {
		if row.Kind == ir.Source || row.Internal || slices.Contains(within, name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			for _, v := range readVectors(t, name) {
				t.Run(v.mode+" "+v.name, func(t *testing.T) { checkVector(t, v) })
			}
		})
	}
}

func checkVector(t *testing.T, v vector) {
	u := v.use(t)
	if v.mode == "infer" {
		g := u.forward(t, ir.Infer)
		compare(t, v, map[string]*ir.Value{"result": g.Output("y")}, u.run(t, g))
		return
	}
	g := u.backward(t)
	values := map[string]*ir.Value{"result": g.Output("y")}
	for _, a := range g.Gradients {
		values["gradient "+a.Target.Name] = a.Value
	}
	for _, a := range g.Updates {
		values["update "+a.Target.Name] = a.Value
	}
	compare(t, v, values, u.run(t, g))
}

// compare checks that what v expects is what values hold, neither more nor less.
func compare(t *testing.T, v vector, values map[string]*ir.Value, r interp.Results) {
	t.Helper()
	if len(values) != len(v.expect) {
		t.Errorf("%d tensors, want %d", len(values), len(v.expect))
	}
	for name, want := range v.expect {
		value := values[name]
		if value == nil {
			t.Errorf("there is no %s", name)
			continue
		}
		closeTo(t, name, r[value.Name].Data, want)
	}
}

// closeTo checks that two lists of numbers agree to 10 digits, relative to the largest of them.
func closeTo(t *testing.T, name string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s has %d elements, want %d", name, len(got), len(want))
		return
	}
	size := 0.0
	for _, e := range want {
		size = max(size, math.Abs(e))
	}
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= 1e-10*size+1e-13) {
			t.Errorf("%s[%d] is %v, PyTorch has %v", name, i, got[i], want[i])
		}
	}
}
