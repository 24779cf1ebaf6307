package op_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
)

// TestExtremes runs operations and their gradients where exponentials overflow or vanish: all
// results are finite, and those that are known are right.
func TestExtremes(t *testing.T) {
	const big = 1e4
	wide := [][]float64{{big, -big, 0}, {-big, -big, big}, {big, big, big}, {0, -big, -big}}
	ce := func(smoothing, temperature float64) ir.Attrs {
		return ir.Attrs{"label_smoothing": smoothing, "temperature": temperature}
	}
	focal := func(gamma float64) ir.Attrs { return ir.Attrs{"gamma": gamma, "alpha": 1.0} }
	column := func(v ...float64) (rows [][]float64) {
		for _, e := range v {
			rows = append(rows, []float64{e})
		}
		return rows
	}
	edges := [][]float64{{-big, -100, 0, 100, big}}
	tests := []struct {
		op    string
		attrs ir.Attrs
		x     [][]float64
		want  [][]float64 // nil: only finite
	}{
		{"sigmoid", ir.Attrs{}, edges, [][]float64{{0, math.Exp(-100), 0.5, 1, 1}}},
		{"selu", ir.Attrs{}, [][]float64{{-big, big}},
			[][]float64{{-1.7580993408473766, 10507.009873554805}}},
		{"softplus", ir.Attrs{"beta": 1.0, "threshold": 20.0}, edges,
			[][]float64{{0, math.Exp(-100), math.Ln2, 100, big}}},
		{"softplus", ir.Attrs{"beta": 2.0, "threshold": math.Inf(1)}, edges,
			[][]float64{{0, math.Exp(-200) / 2, math.Ln2 / 2, 100, big}}},
		{"softmax", ir.Attrs{}, wide, [][]float64{{1, 0, 0}, {0, 0, 1},
			{1. / 3, 1. / 3, 1. / 3}, {1, 0, 0}}},
		// The labels are 0, 1, 2, 0.
		{"cross_entropy", ce(0, 1), wide, column(0, 2*big, math.Log(3), 0)},
		{"cross_entropy", ce(0.3, 1), wide, column(0.3*big, 1.8*big, math.Log(3), 0.2*big)},
		{"cross_entropy", ce(0, 0.01), wide, column(0, 200*big, math.Log(3), 0)},
		{"focal_loss", focal(2), wide, column(0, 2*big, math.Log(3)*4/9, 0)},
		{"focal_loss", focal(0), wide, column(0, 2*big, math.Log(3), 0)},
		{"focal_loss", focal(0.5), wide, column(0, 2*big, math.Log(3)*math.Sqrt(2./3), 0)},
		{"focal_loss", focal(1.5), wide, nil},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.op, test.attrs), func(t *testing.T) {
			u := at(t, test.op, test.attrs, test.x)
			r := u.run(t, u.backward(t))
			for name, v := range r {
				for i, e := range v.Data {
					if math.IsNaN(e) || math.IsInf(e, 0) {
						t.Errorf("%s[%d] is %v", name, i, e)
					}
				}
			}
			if test.want == nil {
				return
			}
			for i, want := range flat(test.want) {
				if got := r["y"].Data[i]; math.Abs(got-want) > 1e-12*math.Abs(want)+1e-14 {
					t.Errorf("y[%d] is %v, want %v", i, got, want)
				}
			}
		})
	}
}

// TestConfidentLosses checks losses and gradients of images that are classified so well that the
// label's probability is 1 up to rounding.
func TestConfidentLosses(t *testing.T) {
	const sure = 60
	rest := 2 * math.Exp(-sure) // 1 - p, and -ln p
	for _, test := range []struct {
		op         string
		attrs      ir.Attrs
		loss, down float64 // down is the gradient of the label's logit
	}{
		{"cross_entropy", ir.Attrs{"label_smoothing": 0.0, "temperature": 1.0}, rest, -rest},
		{"cross_entropy", ir.Attrs{"label_smoothing": 0.0, "temperature": 0.5}, rest * rest / 2,
			-rest * rest},
		{"focal_loss", ir.Attrs{"gamma": 0.0, "alpha": 1.0}, rest, -rest},
		{"focal_loss", ir.Attrs{"gamma": 1.0, "alpha": 1.0}, rest * rest, -2 * rest * rest},
	} {
		u := at(t, test.op, test.attrs, [][]float64{{sure, 0, 0}})
		u.sources["weight"] = ir.Tensor{Shape: ir.Shape{1, 1}, Data: []float64{1}}
		r := u.run(t, u.backward(t))
		loss, gradient := r["y"].Data[0], r["d.x0"].Data
		if math.Abs(loss-test.loss) > 1e-12*test.loss {
			t.Errorf("%s %v is %v, want %v", test.op, test.attrs, loss, test.loss)
		}
		for k, want := range []float64{test.down, -test.down / 2, -test.down / 2} {
			if math.Abs(gradient[k]-want) > 1e-12*math.Abs(want) {
				t.Errorf("gradient %d of %s %v is %v, want %v", k, test.op, test.attrs,
					gradient[k], want)
			}
		}
	}
}

// at returns the use of an operation at x; if it takes labels, they are 0, 1, 2, 0, …
func at(t *testing.T, name string, attrs ir.Attrs, x [][]float64) use {
	t.Helper()
	s := ir.Sample{Attrs: attrs,
		Args: []ir.SampleArg{constant(ir.Float32(len(x), len(x[0])), flat(x))}}
	if name == "cross_entropy" || name == "focal_loss" {
		labels := ir.Type{DType: ir.I32, Shape: ir.Shape{len(x)}}
		s.Args = append(s.Args, constant(labels, []float64{0, 1, 2, 0}))
	}
	return newUse(t, op.All()[name], s, newRand())
}

func flat(rows [][]float64) (list []float64) {
	for _, row := range rows {
		list = append(list, row...)
	}
	return list
}

// TestMaxPoolTies checks that of equal elements of a window the first gets the gradient.
func TestMaxPoolTies(t *testing.T) {
	attrs := ir.Attrs{"kernel": []int{2, 2}, "stride": []int{1, 1}, "pad": []int{0, 0}}
	x := []float64{
		1, 1, 0,
		1, 1, 2,
		0, 2, 2,
	}
	s := ir.Sample{Args: []ir.SampleArg{constant(ir.Float32(1, 1, 3, 3), x)}, Attrs: attrs}
	u := newUse(t, op.All()["max_pool2d"], s, newRand())
	u.sources["weight"] = ir.Tensor{Shape: ir.Shape{1, 1, 2, 2}, Data: []float64{1, 10, 100, 1000}}
	r := u.run(t, u.backward(t))
	if diff := cmp.Diff([]float64{1, 2, 2, 2}, r["y"].Data); diff != "" {
		t.Errorf("maxima (-want +got):\n%s", diff)
	}
	want := []float64{
		1, 0, 0,
		0, 0, 1010,
		0, 100, 0,
	}
	if diff := cmp.Diff(want, r["d.x0"].Data); diff != "" {
		t.Errorf("the first maximum in row-major order gets it all (-want +got):\n%s", diff)
	}
}
