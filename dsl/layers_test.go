package dsl_test

import (
	"regexp"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/dsl"
	"github.com/gradc/gradc/internal/golden"
)

// recipe returns a recipe in which there is nothing wrong.
func recipe() dsl.Recipe {
	return dsl.Recipe{Data: "npy", Loss: dsl.CrossEntropy(), Optimizer: dsl.SGD(0.1),
		Batch: 4, Epochs: 1}
}

// network returns a model of 3x8x10 images with the layers and, after them, a linear one.
func network(layers ...dsl.Layer) *dsl.Model {
	all := append(layers, dsl.Flatten(), dsl.Linear(10))
	return dsl.New("test", dsl.Image(3, 8, 10), dsl.Sequential(all...), recipe())
}

// graphOf returns the text of a model's graph, after a check that it reads back.
func graphOf(t *testing.T, model *dsl.Model) string {
	t.Helper()
	g, err := model.Graph()
	if err != nil {
		t.Fatal(err)
	}
	text := ir.Format(g)
	again, err := ir.Parse(text, g.Ops)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if ir.Format(again) != text {
		t.Errorf("the graph reads back as\n%s\nnot as\n%s", ir.Format(again), text)
	}
	return text
}

func TestLayers(t *testing.T) {
	features := func(layers ...dsl.Layer) *dsl.Model {
		return network(append([]dsl.Layer{dsl.Flatten(), dsl.Linear(6)}, layers...)...)
	}
	tests := []struct {
		name  string
		model *dsl.Model
	}{
		{"conv", network(dsl.Conv2D(8, 3))},
		{"conv options", network(dsl.Conv2D(8, 3, dsl.Stride(2), dsl.Padding(1, 2),
			dsl.Dilation(2, 1), dsl.NoBias(), dsl.Init(dsl.XavierNormal)))},
		{"conv same", network(dsl.Conv2D(8, 3, dsl.Same(), dsl.Dilation(2)))},
		{"conv same even dilation", network(dsl.Conv2D(8, 2, dsl.Same(), dsl.Dilation(2)))},
		{"conv not square", network(dsl.Conv2D(8, 1, dsl.KernelWidth(5), dsl.Same()))},
		{"conv twice", twice(dsl.Conv2D(3, 3, dsl.Same()))},
		{"init", network(dsl.Conv2D(2, 1, dsl.Init(dsl.HeUniform)),
			dsl.Conv2D(2, 1, dsl.Init(dsl.XavierUniform)), dsl.Conv2D(2, 1, dsl.Init(dsl.Ones)),
			dsl.Conv2D(2, 1, dsl.Init(dsl.Zeros)))},
		{"batch norm", network(dsl.BatchNorm())},
		{"batch norm options", network(
			dsl.BatchNorm(dsl.Affine(false), dsl.Momentum(0.01), dsl.Eps(1e-3)))},
		{"batch norm zero", network(dsl.BatchNorm(dsl.Init(dsl.Zeros)))},
		{"batch norm of features", features(dsl.BatchNorm())},
		{"relu", network(dsl.ReLU())},
		{"leaky relu", network(dsl.LeakyReLU(0.01))},
		{"sigmoid", network(dsl.Sigmoid())},
		{"softplus", network(dsl.Softplus(1, 20))},
		{"selu", network(dsl.SELU())},
		{"scale", network(dsl.Scale(0.5))},
		{"softmax", features(dsl.Softmax())},
		{"max pool", network(dsl.MaxPool(2))},
		{"max pool options", network(dsl.MaxPool(3, dsl.Stride(2, 1), dsl.Same()))},
		{"avg pool", network(dsl.AvgPool(2, dsl.KernelWidth(3), dsl.Padding(1)))},
		{"global avg pool", network(dsl.GlobalAvgPool())},
		{"global max pool", network(dsl.GlobalMaxPool())},
		{"linear", features(dsl.Linear(7, dsl.NoBias(), dsl.Init(dsl.HeUniform)))},
		{"dropout", network(dsl.Dropout(0.3), dsl.Dropout(0))},
		{"dropout twice", twice(dsl.Dropout(0.5))},
		{"residual", network(dsl.Residual(dsl.Conv2D(3, 3, dsl.Same()), dsl.ReLU()))},
		{"residual in residual", network(dsl.Residual(dsl.ReLU(), dsl.Residual(dsl.ReLU())))},
		{"residual of nothing", network(dsl.Residual())},
		{"add and multiply", network(gate)},
		{"names", network(dsl.Conv2D(3, 1), dsl.Conv2D(3, 1, dsl.Name("conv3")),
			dsl.Conv2D(3, 1), dsl.Conv2D(3, 1, dsl.Name("func")), dsl.ReLU(dsl.Name("a-b_C9")))},
	}
	var files []txtar.File
	line := regexp.MustCompile(`layers_test.go:\d+`)
	for _, test := range tests {
		text := line.ReplaceAllString(graphOf(t, test.model), "net.go:1")
		files = append(files, txtar.File{Name: test.name, Data: []byte(text)})
	}
	golden.Archive(t, "testdata/layers.txtar", &txtar.Archive{Files: files})
}

// twice applies one layer to its own result.
func twice(layer dsl.Layer) *dsl.Model { return network(layer, layer) }

// gate scales each channel of x by a number that depends on x, and adds x.
func gate(x dsl.Tensor) dsl.Tensor {
	weight := dsl.Sequential(dsl.GlobalAvgPool(), dsl.Conv2D(3, 1), dsl.Sigmoid())(x)
	return dsl.Add(x, dsl.Multiply(x, weight, dsl.Name("gated")))
}

func TestRecipes(t *testing.T) {
	with := func(change func(r *dsl.Recipe)) *dsl.Model {
		r := recipe()
		change(&r)
		layers := dsl.Sequential(dsl.Flatten(), dsl.Linear(2))
		return dsl.New("test", dsl.Image(2, 5, 5), layers, r)
	}
	schedule := func(s dsl.Schedule) *dsl.Model {
		return with(func(r *dsl.Recipe) { r.Schedule = s })
	}
	optimizer := func(o dsl.Optimizer) *dsl.Model {
		return with(func(r *dsl.Recipe) { r.Optimizer = o })
	}
	loss := func(l dsl.Loss) *dsl.Model { return with(func(r *dsl.Recipe) { r.Loss = l }) }
	tests := []struct {
		name  string
		model *dsl.Model
	}{
		{"sgd", optimizer(dsl.SGD(0.1))},
		{"sgd options", optimizer(
			dsl.SGD(0.1, dsl.Momentum(0.9), dsl.WeightDecay(5e-4), dsl.Nesterov()))},
		{"adam", optimizer(dsl.Adam(1e-3))},
		{"adam options", optimizer(dsl.Adam(1e-3, dsl.Betas(0.8, 0.99), dsl.Eps(1e-6)))},
		{"adamw", optimizer(dsl.AdamW(1e-3))},
		{"adamw options", optimizer(dsl.AdamW(1e-3, dsl.WeightDecay(0.1)))},
		{"cross entropy", loss(dsl.CrossEntropy(dsl.LabelSmoothing(0.1), dsl.Temperature(2)))},
		{"focal loss", loss(dsl.FocalLoss(2, 0.25))},
		{"constant", schedule(dsl.Constant())},
		{"step decay", schedule(dsl.StepDecay(1000, 0.1))},
		{"cosine", schedule(dsl.Cosine(0.01))},
		{"one cycle", schedule(dsl.OneCycle(0.3))},
		{"warmup", schedule(dsl.Warmup(500, dsl.Cosine(0)))},
		{"warmup alone", schedule(dsl.Warmup(500, dsl.Schedule{}))},
		{"pixels", with(func(r *dsl.Recipe) {
			r.Normalize = dsl.Normalize{Mean: []float64{0.5, 0.25}, Std: []float64{1, 0.5}}
			r.Augment = []dsl.Augmentation{dsl.RandomCrop(4), dsl.HorizontalFlip()}
			r.Batch, r.Epochs, r.Seed, r.Data = 7, 9, 1<<63, "folder"
		})},
	}
	var files []txtar.File
	line := regexp.MustCompile(`layers_test.go:\d+`)
	for _, test := range tests {
		text := line.ReplaceAllString(graphOf(t, test.model), "net.go:1")
		files = append(files, txtar.File{Name: test.name, Data: []byte(text)})
	}
	golden.Archive(t, "testdata/recipes.txtar", &txtar.Archive{Files: files})
}
