package dsl_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/dsl"
)

// TestMistakes compares what is reported about wrong descriptions with the comments in their
// source: "want: message" below a line is about that line.
func TestMistakes(t *testing.T) {
	for _, describe := range []func() *dsl.Model{
		kernelTooLarge, kernelTooLargeDilated, wrongWindows, wrongSame, wrongSizes, wrongNumbers,
		wrongOptions, wrongInits, wrongPairs, wrongNames, reservedNames, takenNames, tooDeep,
		rankMismatch, tooLarge, sharedSizes, sharedBatchNorm, oneElement, residualShape, addShape,
		nilLayers, emptyTensors, otherModel, foreignResult, unusedLayers, noParameters,
		emptyModel, imageSize, batchTooLarge, wrongRecipe, wrongNormalize, wrongAugment,
		wrongLoss, notLogits, probabilities, laterProbabilities, oneClass, wrongOptimizer, wrongSchedule, inOrderOfLines,
	} {
		name, want := expectations(t, describe)
		t.Run(name, func(t *testing.T) {
			g, err := describe().Graph()
			if err == nil {
				t.Fatal("no mistake is reported")
			}
			if g != nil {
				t.Error("there is a graph all the same")
			}
			if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// expectations returns the name of a func and the errors that comments in its source announce.
func expectations(t *testing.T, f func() *dsl.Model) (name string, want []string) {
	t.Helper()
	fn := runtime.FuncForPC(reflect.ValueOf(f).Pointer())
	path, _ := fn.FileLine(fn.Entry())
	name = strings.TrimPrefix(filepath.Ext(fn.Name()), ".")
	files := token.NewFileSet()
	tree, err := parser.ParseFile(files, path, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	fun, ok := tree.Scope.Lookup(name).Decl.(*ast.FuncDecl)
	if !ok {
		t.Fatalf("%s is no func", name)
	}
	for _, comment := range tree.Comments {
		if comment.Pos() < fun.Body.Pos() || comment.End() > fun.End() {
			continue
		}
		at := files.Position(comment.Pos())
		text := strings.Join(strings.Fields(comment.Text()), " ")
		line := fmt.Sprintf("%s:%d", filepath.Base(at.Filename), at.Line-1)
		for _, message := range strings.Split(text, "want: ")[1:] {
			message = strings.ReplaceAll(message, "THISLINE", line)
			want = append(want, line+": "+strings.TrimSpace(message))
		}
	}
	return name, want
}

func kernelTooLarge() *dsl.Model {
	return dsl.New("test", dsl.Image(3, 32, 32), dsl.Sequential(
		dsl.Conv2D(3, 3),
		dsl.Conv2D(3, 31),
		// want: Conv2D "conv2": input has 3 channels of 30x30, kernel 31x31 with padding 0
		// does not fit
		dsl.Flatten(), dsl.Linear(10),
	), recipe())
}

func kernelTooLargeDilated() *dsl.Model {
	return network(
		dsl.Conv2D(1, 5, dsl.Dilation(3), dsl.Padding(1, 2), dsl.Name("wide")))
	// want: Conv2D "wide": input has 3 channels of 8x10, kernel 5x5 with padding 1x2 and
	// dilation 3 does not fit
}

func wrongWindows() *dsl.Model {
	return network(
		dsl.Conv2D(4, 0),
		// want: Conv2D "conv1": kernel is 0, must be from 1 to 1048576
		dsl.Conv2D(4, 3, dsl.KernelWidth(-1)),
		// want: Conv2D "conv2": kernel is -1, must be from 1 to 1048576
		dsl.Conv2D(4, 3, dsl.Stride(0)),
		// want: Conv2D "conv3": Stride is 0, must be from 1 to 1048576
		dsl.Conv2D(4, 3, dsl.Padding(-1), dsl.Dilation(0, -2)),
		// want: Conv2D "conv4": Padding is -1, must be from 0 to 1048576
		// want: Conv2D "conv4": Dilation is 0, must be from 1 to 1048576
		// want: Conv2D "conv4": Dilation is -2, must be from 1 to 1048576
		dsl.MaxPool(0),
		// want: MaxPool "pool1": kernel is 0, must be from 1 to 1048576
		// want: MaxPool "pool1": Stride is 0, must be from 1 to 1048576
		dsl.AvgPool(2, dsl.Padding(1, 2)),
		// want: AvgPool "pool2": Padding [1 2] is more than half of the kernel [2 2]: a window
		// could lie outside
		dsl.Conv2D(4, 1<<20+1),
		// want: Conv2D "conv5": kernel is 1048577, must be from 1 to 1048576
	)
}

func wrongSame() *dsl.Model {
	return network(
		dsl.Conv2D(4, 2, dsl.Same()),
		// want: Conv2D "conv1": Same needs an odd kernel or an even dilation, not kernel 2 with
		// dilation 1
		dsl.Conv2D(4, 3, dsl.Same(), dsl.Padding(1)),
		// want: Conv2D "conv2": takes Same or Padding, not both
	)
}

func wrongPairs() *dsl.Model {
	return network(
		dsl.Conv2D(4, 3, dsl.Stride(1, 2, 3)),
		// want: Conv2D "conv1": Stride takes one number, or height and width; it has 3
		dsl.Conv2D(4, 3, dsl.Padding([]int{}...)),
		// want: Conv2D "conv2": Padding takes one number, or height and width; it has 0
		dsl.MaxPool(2, dsl.Stride()),
		// want: MaxPool "pool1": Stride takes one number, or height and width; it has 0
	)
}

func wrongSizes() *dsl.Model {
	return network(
		dsl.Conv2D(0, 3),
		// want: Conv2D "conv1": channels is 0, must be from 1 to 1048576
		dsl.Flatten(),
		dsl.Linear(-5),
		// want: Linear "fc1": features is -5, must be from 1 to 1048576
	)
}

func wrongNumbers() *dsl.Model {
	return network(
		dsl.Dropout(1),
		// want: Dropout "drop1": p is 1, must be at least 0 and below 1
		dsl.Dropout(-0.1),
		// want: Dropout "drop2": p is -0.1, must be at least 0 and below 1
		dsl.Dropout(nan()),
		// want: Dropout "drop3": p is NaN, must be at least 0 and below 1
		dsl.LeakyReLU(nan()),
		// want: LeakyReLU "lrelu1": slope is NaN, must be a number
		dsl.Scale(1/zero()),
		// want: Scale "scale1": factor is +Inf, must be a number
		dsl.Softplus(0, -1),
		// want: Softplus "softplus1": beta is 0, must be above 0
		// want: Softplus "softplus1": threshold is -1, must not be below 0
		dsl.BatchNorm(dsl.Momentum(1.5), dsl.Eps(0)),
		// want: BatchNorm "bn1": momentum is 1.5, must be from 0 to 1
		// want: BatchNorm "bn1": eps is 0, must be above 0
	)
}

func zero() float64 { return 0 }

func nan() float64 { return zero() / zero() }

func wrongOptions() *dsl.Model {
	return network(
		dsl.Conv2D(4, 3, dsl.Momentum(0.9)),
		// want: Conv2D "conv1": does not take Momentum; it takes Stride, Padding, Same, Dilation,
		// KernelWidth, NoBias, Init and Name
		dsl.ReLU(dsl.Same()),
		// want: ReLU "relu1": does not take Same; it takes Name
		dsl.MaxPool(2, dsl.Option{}),
		// want: MaxPool "pool1": an option is empty
	)
}

func wrongInits() *dsl.Model {
	return network(
		dsl.Conv2D(4, 3, dsl.Init("kaiming")),
		// want: Conv2D "conv1": does not take Init("kaiming")
		dsl.BatchNorm(dsl.Init(dsl.HeNormal)),
		// want: BatchNorm "bn1": does not take Init("he_normal")
	)
}

func wrongNames() *dsl.Model {
	return network(
		dsl.ReLU(dsl.Name("")),
		// want: ReLU: the name is empty
		dsl.ReLU(dsl.Name(`a"b`)),
		// want: ReLU: name "a\"b" has the character '"'; names consist of letters, digits, _ and
		// -, and begin with a letter
		dsl.ReLU(dsl.Name("a\nb")),
		// want: ReLU: name "a\nb" has the character '\n'; names consist of letters, digits, _ and
		// -, and begin with a letter
		dsl.ReLU(dsl.Name("a b")),
		// want: ReLU: name "a b" has the character ' '; names consist of letters, digits, _ and
		// -, and begin with a letter
		dsl.ReLU(dsl.Name("é")),
		// want: ReLU: name "é" has the character 'é'; names consist of letters, digits, _ and -,
		// and begin with a letter
		dsl.ReLU(dsl.Name("1a")),
		// want: ReLU: name "1a" has the character '1'; names consist of letters, digits, _ and -,
		// and begin with a letter
		dsl.ReLU(dsl.Name("a.b")),
		// want: ReLU: name "a.b" has the character '.'; names consist of letters, digits, _ and
		// -, and begin with a letter
		dsl.ReLU(dsl.Name(strings.Repeat("a", 65))),
		// want: ReLU: name "aaaaaaaaaaaaaaaa"… has 65 characters, at most 64 are allowed
		dsl.Flatten(), dsl.Linear(0),
		// want: Linear "fc1": features is 0, must be from 1 to 1048576
	)
}

func reservedNames() *dsl.Model {
	return network(
		dsl.ReLU(dsl.Name("loss")),
		// want: ReLU: name "loss" is reserved
		dsl.Flatten(dsl.Name("logits")),
		// want: Flatten: name "logits" is reserved
	)
}

func takenNames() *dsl.Model {
	return network(
		dsl.ReLU(dsl.Name("sum")), dsl.ReLU(dsl.Name("sum")))
	// want: ReLU: name "sum" is taken by the layer of THISLINE
}

func tooDeep() *dsl.Model {
	layers := dsl.Sequential()
	for range 4 {
		layers = dsl.Sequential(layers, dsl.MaxPool(2))
		// want: MaxPool "pool4": input has 3 channels of 1x1, kernel 2x2 with padding 0 does not
		// fit
	}
	return network(layers)
}

func rankMismatch() *dsl.Model {
	return dsl.New("test", dsl.Image(3, 8, 8), func(x dsl.Tensor) dsl.Tensor {
		dsl.Linear(10)(x)
		// want: Linear "fc1": input is f32[4,3,8,8], want f32[batch,features]; flatten it
		x = dsl.Flatten()(x)
		dsl.Conv2D(10, 3)(x)
		// want: Conv2D "conv1": input is f32[4,192], want images f32[batch,channels,height,width]
		dsl.GlobalMaxPool()(x)
		// want: GlobalMaxPool "pool1": input is f32[4,192], want images
		// f32[batch,channels,height,width]
		return dsl.Linear(10)(x)
	}, recipe())
}

func tooLarge() *dsl.Model {
	return dsl.New("test", dsl.Image(1, 1<<10, 1<<10), dsl.Sequential(
		dsl.Conv2D(1<<9, 1, dsl.NoBias()),
		// want: Conv2D "conv1": its result [4,512,1024,1024] has more than 2147483647 elements
		dsl.Flatten(), dsl.Linear(10),
		func(x dsl.Tensor) dsl.Tensor { return x },
	), recipe())
}

func sharedSizes() *dsl.Model {
	linear := dsl.Linear(10)
	// want: Linear "fc1": is applied again, to another size of input: its weight is [10,240],
	// this input needs [10,10]
	return network(dsl.Flatten(), linear, linear)
}

func sharedBatchNorm() *dsl.Model {
	norm := dsl.BatchNorm()
	// want: BatchNorm "bn1": is applied a second time: its running averages would mix the
	// statistics of two places; make a BatchNorm for each
	return network(norm, dsl.ReLU(), norm)
}

func oneElement() *dsl.Model {
	r := recipe()
	r.Batch = 1
	return dsl.New("test", dsl.Image(8, 1, 1), dsl.Sequential(
		dsl.BatchNorm(),
		// want: BatchNorm "bn1": input [1,8,1,1] has one element per channel, the variance needs
		// two
		dsl.Flatten(), dsl.Linear(10),
	), r)
}

func residualShape() *dsl.Model {
	return network(
		dsl.Residual(dsl.Conv2D(1, 3, dsl.Same())),
		// want: Residual "res1": input has 3 channels of 8x10, but its layers yield 1 channel of
		// 8x10
	)
}

func addShape() *dsl.Model {
	return network(func(x dsl.Tensor) dsl.Tensor {
		dsl.Multiply(x, dsl.Flatten()(x))
		// want: Multiply "mul1": shapes [4,3,8,10] and [4,240] have different numbers of axes
		return dsl.Add(x, dsl.MaxPool(2)(x))
		// want: Add "add1": shapes [4,3,8,10] and [4,3,4,5] do not fit along axis 2
	})
}

func nilLayers() *dsl.Model {
	return network(
		dsl.Residual(dsl.ReLU(), nil),
		// want: Residual "res1": layer 2 is nil
		dsl.Sequential(nil, dsl.Dropout(2)),
		// want: Sequential: layer 1 is nil
		// want: Dropout "drop1": p is 2, must be at least 0 and below 1
	)
}

func emptyTensors() *dsl.Model {
	return network(func(x dsl.Tensor) dsl.Tensor {
		dsl.ReLU()(dsl.Tensor{})
		dsl.Sequential(dsl.ReLU())(dsl.Tensor{})
		return dsl.Add(x, dsl.Tensor{})
		// want: Add "add1": tensor 2 comes from no layer
	})
}

func otherModel() *dsl.Model {
	return network(func(x dsl.Tensor) dsl.Tensor {
		network(func(y dsl.Tensor) dsl.Tensor {
			return dsl.Add(y, x)
		})
		return dsl.ReLU()(x)
	}, func(x dsl.Tensor) dsl.Tensor {
		var leaked dsl.Tensor
		network(func(y dsl.Tensor) dsl.Tensor {
			leaked = y
			return y
		})
		return dsl.Add(x, leaked)
		// want: Add "add1": tensor 2 is of another model
	})
}

func foreignResult() *dsl.Model {
	return dsl.New("test", dsl.Image(3, 8, 8), func(x dsl.Tensor) dsl.Tensor {
		// want: New: the layers yield a tensor that does not come from their input
		return dsl.Tensor{}
	}, recipe())
}

func unusedLayers() *dsl.Model {
	return network(func(x dsl.Tensor) dsl.Tensor {
		dsl.Sequential(dsl.ReLU(), dsl.Conv2D(4, 3))(x)
		// want: Conv2D "conv1": its result is not used
		return x
	})
}

func noParameters() *dsl.Model {
	return dsl.New("test", dsl.Image(3, 8, 8), dsl.Flatten(), recipe())
	// want: New: the layers have no parameters to train
}

func emptyModel() *dsl.Model {
	return dsl.New("", dsl.Input{}, nil, dsl.Recipe{})
	// want: New: the name is empty
	// want: New: the input is missing, for example Image(1, 28, 28)
	// want: New: the layers are nil
	// want: New: Data is "", must be one of digits, mnist, cifar10, cifar100, folder and npy
	// want: New: Loss is missing, for example CrossEntropy()
	// want: New: Optimizer is missing, for example Adam(1e-3)
	// want: New: Batch is 0, must be from 1 to 1048576
	// want: New: Epochs is 0, must be from 1 to 1048576
}

func imageSize() *dsl.Model {
	return dsl.New("test",
		dsl.Image(0, -1, 1<<21),
		// want: Image: channels is 0, must be from 1 to 1048576
		// want: Image: height is -1, must be from 1 to 1048576
		// want: Image: width is 2097152, must be from 1 to 1048576
		dsl.Sequential(
			dsl.Flatten(), dsl.Linear(0),
			// want: Linear "fc1": features is 0, must be from 1 to 1048576
		), recipe())
}

func batchTooLarge() *dsl.Model {
	r := recipe()
	r.Batch = 1 << 20
	return dsl.New("test", dsl.Image(3, 32, 32), dsl.Linear(10), r)
	// want: New: a batch of images has the shape [1048576,3,32,32], more than 2147483647 elements
}

func inOrderOfLines() *dsl.Model {
	last := dsl.Dropout(3)
	// want: Dropout "drop2": p is 3, must be at least 0 and below 1
	first := dsl.Dropout(2)
	// want: Dropout "drop1": p is 2, must be at least 0 and below 1
	return network(first, last)
}
