package op_test

import (
	"testing"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/scalar"
)

// TestShapeErrors holds the messages that users read behind a file, a line and a layer's name.
func TestShapeErrors(t *testing.T) {
	conv := func(stride, pad, dilation int) ir.Attrs {
		return ir.Attrs{"stride": []int{stride, stride}, "pad": []int{pad, pad},
			"dilation": []int{dilation, dilation}}
	}
	pool := func(kernel, stride, pad int) ir.Attrs {
		return ir.Attrs{"kernel": []int{kernel, kernel}, "stride": []int{stride, stride},
			"pad": []int{pad, pad}}
	}
	plus := func(a ir.Attrs, name string, v any) ir.Attrs { a[name] = v; return a }
	f := ir.Float32
	labels := ir.Type{DType: ir.I32, Shape: ir.Shape{8}}
	norm := ir.Attrs{"eps": 1e-5, "momentum": 0.1, "affine": true}
	ce := func(smoothing, temperature float64) ir.Attrs {
		return ir.Attrs{"label_smoothing": smoothing, "temperature": temperature}
	}
	tests := []struct {
		op    string
		args  []ir.Type
		attrs ir.Attrs
		want  string
	}{
		{"conv2d", []ir.Type{f(8, 3, 30, 30), f(4, 3, 31, 31)}, conv(1, 0, 1),
			"input has 3 channels of 30x30, kernel 31x31 with padding 0 does not fit"},
		{"conv2d", []ir.Type{f(8, 1, 4, 9), f(4, 1, 3, 3)}, conv(1, 1, 3),
			"input has 1 channel of 4x9, kernel 3x3 with padding 1 and dilation 3 does not fit"},
		{"conv2d", []ir.Type{f(8, 3, 9, 9), f(4, 2, 3, 3)}, conv(1, 0, 1),
			"input has 3 channels, weights [4,2,3,3] are for 2"},
		{"conv2d", []ir.Type{f(8, 3), f(4, 3, 3, 3)}, conv(1, 0, 1),
			"input is f32[8,3], want images f32[batch,channels,height,width]"},
		{"conv2d", []ir.Type{f(8, 3, 9, 9), f(4, 3)}, conv(1, 0, 1),
			"weights are f32[4,3], want [out,in,height,width]"},
		{"conv2d", []ir.Type{f(8, 3, 9, 9), f(4, 3, 3, 3)}, conv(0, 0, 1),
			"stride 0 is less than 1"},
		{"conv2d", []ir.Type{f(8, 3, 9, 9), f(4, 3, 3, 3)}, conv(1, -1, 1),
			"padding -1 is less than 0"},
		{"conv2d", []ir.Type{f(8, 3, 9, 9), f(4, 3, 3, 3)},
			plus(conv(1, 0, 1), "stride", []int{1}),
			"stride has 1 number, want 2 (rows, columns)"},
		{"conv2d", []ir.Type{f(8, 3, 9, 9)}, conv(1, 0, 1), "takes 2 arguments, has 1"},
		{"conv2d_dx", []ir.Type{f(8, 4, 7, 6), f(4, 3, 3, 3)},
			plus(conv(1, 0, 1), "size", []int{9, 9}),
			"gradient has shape [8,4,7,6], the forward result [8,4,7,7]"},
		{"conv2d_dw", []ir.Type{f(8, 3, 9, 9), f(8, 4, 7, 6)},
			plus(conv(1, 0, 1), "kernel", []int{3, 3}),
			"gradient has shape [8,4,7,6], the forward result [8,4,7,7]"},

		{"max_pool2d", []ir.Type{f(8, 3, 5, 5)}, pool(6, 1, 0),
			"input has 3 channels of 5x5, kernel 6x6 with padding 0 does not fit"},
		{"max_pool2d", []ir.Type{f(8, 3, 5, 5)}, pool(2, 2, 2),
			"padding 2 is more than half of the kernel 2x2"},
		{"max_pool2d", []ir.Type{f(8, 75)}, pool(2, 2, 0),
			"input is f32[8,75], want images f32[batch,channels,height,width]"},
		{"max_pool2d_dx", []ir.Type{f(8, 3, 4, 4), f(8, 3, 4, 4)}, pool(2, 2, 0),
			"gradient has shape [8,3,4,4], the forward result [8,3,2,2]"},
		{"avg_pool2d", []ir.Type{f(8, 3, 5, 5)}, plus(pool(0, 1, 0), "count_include_pad", true),
			"kernel 0 is less than 1"},
		{"global_avg_pool", []ir.Type{f(8, 3)}, ir.Attrs{},
			"input is f32[8,3], want images f32[batch,channels,height,width]"},
		{"global_max_pool", []ir.Type{f(8, 3)}, ir.Attrs{},
			"input is f32[8,3], want images f32[batch,channels,height,width]"},

		{"linear", []ir.Type{f(8, 3, 2, 2), f(10, 12)}, ir.Attrs{},
			"input is f32[8,3,2,2], want f32[batch,features]; flatten it"},
		{"linear", []ir.Type{f(8, 3), f(10, 12)}, ir.Attrs{},
			"input has 3 features, weights [10,12] are for 12"},
		{"matmul", []ir.Type{f(8, 3), f(4, 5)}, ir.Attrs{"trans_a": false, "trans_b": true},
			"factors of 8x3 and 5x4 do not fit"},
		{"matmul", []ir.Type{f(8, 3, 1), f(4, 5)}, ir.Attrs{"trans_a": false, "trans_b": true},
			"left factor is f32[8,3,1], want a matrix f32[rows,columns]"},
		{"bias", []ir.Type{f(8, 3, 2, 2), f(4)}, ir.Attrs{},
			"bias is f32[4], input has 3 channels"},
		{"flatten", []ir.Type{f(8)}, ir.Attrs{},
			"input is f32[8], want f32[batch,features] or f32[batch,channels,height,width]"},

		{"batch_norm", []ir.Type{f(8, 3), f(3), f(3), f(3), f(4)}, norm,
			"running variance is f32[4], input has 3 channels"},
		{"batch_norm", []ir.Type{f(8, 3), f(3), f(3)}, norm, "takes 5 arguments, has 3"},
		{"batch_norm", []ir.Type{f(1, 3, 1, 1), f(3), f(3), f(3), f(3)}, norm,
			"input [1,3,1,1] has one element per channel, the variance needs two"},
		{"batch_norm", []ir.Type{f(8, 3), f(3), f(3)},
			ir.Attrs{"eps": 0.0, "momentum": 0.1, "affine": false}, "eps 0 is not positive"},
		{"batch_norm", []ir.Type{f(8, 3), f(3), f(3)},
			ir.Attrs{"eps": 1e-5, "momentum": 1.1, "affine": false},
			"momentum 1.1 is not in [0, 1]"},

		{"add", []ir.Type{f(8, 3, 4, 4), f(8, 3, 4, 5)}, ir.Attrs{},
			"shapes [8,3,4,4] and [8,3,4,5] do not fit along axis 3"},
		{"mul", []ir.Type{f(8, 3), f(8, 3, 1, 1)}, ir.Attrs{},
			"shapes [8,3] and [8,3,1,1] have different numbers of axes"},
		{"relu", nil, ir.Attrs{}, "takes 1 argument, has 0"},
		{"softplus", []ir.Type{f(8)}, ir.Attrs{"beta": 0.0, "threshold": 20.0},
			"beta 0 is not positive"},
		{"dropout", []ir.Type{f(8)}, ir.Attrs{"p": 1.0, "site": 0},
			"probability 1 is not in [0, 1)"},
		{"reshape", []ir.Type{f(8, 3)}, ir.Attrs{"shape": []int{5, 5}},
			"[8,3] and [5,5] have different numbers of elements"},

		{"softmax", []ir.Type{f(8)}, ir.Attrs{},
			"input is f32[8], want f32[batch,features] or f32[batch,channels,height,width]"},
		{"cross_entropy", []ir.Type{f(8, 10, 1, 1), labels}, ce(0, 1),
			"logits are f32[8,10,1,1], want f32[batch,classes]"},
		{"cross_entropy", []ir.Type{f(9, 10), labels}, ce(0, 1),
			"labels are i32[8], want i32[9]"},
		{"cross_entropy", []ir.Type{f(8, 10), labels}, ce(1, 1),
			"label smoothing 1 is not in [0, 1)"},
		{"cross_entropy", []ir.Type{f(8, 10), labels}, ce(0, 0), "temperature 0 is not positive"},
		{"focal_loss", []ir.Type{f(8, 10), labels}, ir.Attrs{"gamma": -1.0, "alpha": 1.0},
			"gamma -1 is negative"},

		{"map", []ir.Type{f(3)}, ir.Attrs{"shape": []int{4}, "body": scalar.X(0)},
			"shape [3] does not repeat to [4]"},
		{"map", []ir.Type{f(4)}, ir.Attrs{"shape": []int{4}, "body": scalar.X(1)},
			"expression reads x1 of 1 arguments"},
		{"reduce", []ir.Type{f(4)}, ir.Attrs{"shape": []int{4}, "body": scalar.X(0),
			"fold": "product", "axes": []int{0}},
			`there is no fold "product"; there are sum, mean, var, max`},
		{"reduce", []ir.Type{f(4)}, ir.Attrs{"shape": []int{4}, "body": scalar.X(0),
			"fold": "sum", "axes": []int{1}}, "axis 1 of shape [4]"},
	}
	table := op.All()
	for _, test := range tests {
		_, err := table[test.op].Shape(test.args, test.attrs)
		if err == nil || err.Error() != test.want {
			t.Errorf("%s of %v %v:\n got %v\nwant %s", test.op, test.args, test.attrs, err,
				test.want)
		}
	}
}
