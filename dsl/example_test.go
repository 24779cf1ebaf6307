package dsl_test

import (
	"fmt"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/dsl"
)

// A network for grey images of 28x28 pixels. Programs do not call Graph: gradc does.
func Example() {
	net := func() *dsl.Model {
		block := func(channels int) dsl.Layer {
			return dsl.Sequential(
				dsl.Conv2D(channels, 3, dsl.NoBias()), dsl.BatchNorm(), dsl.ReLU())
		}
		layers := dsl.Sequential(
			block(16), dsl.MaxPool(2),
			block(32), dsl.MaxPool(2),
			dsl.Flatten(), dsl.Dropout(0.3), dsl.Linear(10),
		)
		return dsl.New("example", dsl.Image(1, 28, 28), layers, dsl.Recipe{
			Data:      "mnist",
			Loss:      dsl.CrossEntropy(),
			Optimizer: dsl.Adam(1e-3),
			Batch:     128,
			Epochs:    5,
		})
	}
	layersOf(net())
	// Output:
	// images    f32[128,1,28,28]
	// conv1     f32[128,16,26,26]
	// bn1       f32[128,16,26,26]
	// relu1     f32[128,16,26,26]
	// pool1     f32[128,16,13,13]
	// conv2     f32[128,32,11,11]
	// bn2       f32[128,32,11,11]
	// relu2     f32[128,32,11,11]
	// pool2     f32[128,32,5,5]
	// flatten1  f32[128,800]
	// drop1     f32[128,800]
	// fc1       f32[128,10]
}

// small returns a model of the layers for colour images of 8x8 pixels.
func small(layers ...dsl.Layer) *dsl.Model {
	return dsl.New("small", dsl.Image(3, 8, 8), dsl.Sequential(layers...), dsl.Recipe{
		Data: "folder", Batch: 32, Epochs: 10, Loss: dsl.CrossEntropy(), Optimizer: dsl.SGD(0.1),
	})
}

// layersOf prints the images and what each layer makes of them.
func layersOf(model *dsl.Model) {
	g, err := model.Graph()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range g.Values {
		if v.Name == "images" || v.Name == v.Layer && v.Name != "loss" {
			fmt.Printf("%-9s %s\n", v.Name, v.Type)
		}
	}
}

// A func that combines layers is a layer. This one has two branches.
func ExampleLayer() {
	branches := func(x dsl.Tensor) dsl.Tensor {
		narrow := dsl.Conv2D(4, 1)(x)
		wide := dsl.Sequential(dsl.Conv2D(4, 3, dsl.Same()), dsl.ReLU())(x)
		return dsl.Add(narrow, wide)
	}
	layersOf(small(branches, dsl.Flatten(), dsl.Linear(2)))
	// Output:
	// images    f32[32,3,8,8]
	// conv1     f32[32,4,8,8]
	// conv2     f32[32,4,8,8]
	// relu1     f32[32,4,8,8]
	// add1      f32[32,4,8,8]
	// flatten1  f32[32,256]
	// fc1       f32[32,2]
}

// A layer that is applied twice has one set of parameters.
func ExampleLayer_shared() {
	conv := dsl.Conv2D(3, 3, dsl.Same())
	g, err := small(conv, dsl.ReLU(), conv, dsl.ReLU(), dsl.Flatten(), dsl.Linear(2)).Graph()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range g.Sources("param") {
		fmt.Println(v.Name)
	}
	// Output:
	// conv1.weight
	// conv1.bias
	// fc1.weight
	// fc1.bias
}

func ExampleSequential() {
	block := func(channels int) dsl.Layer {
		return dsl.Sequential(dsl.Conv2D(channels, 3, dsl.NoBias()), dsl.BatchNorm(), dsl.ReLU())
	}
	layersOf(small(block(8), block(16), dsl.Flatten(), dsl.Linear(2)))
	// Output:
	// images    f32[32,3,8,8]
	// conv1     f32[32,8,6,6]
	// bn1       f32[32,8,6,6]
	// relu1     f32[32,8,6,6]
	// conv2     f32[32,16,4,4]
	// bn2       f32[32,16,4,4]
	// relu2     f32[32,16,4,4]
	// flatten1  f32[32,256]
	// fc1       f32[32,2]
}

func ExampleResidual() {
	layersOf(small(
		dsl.Residual(dsl.Conv2D(3, 3, dsl.Same()), dsl.ReLU(), dsl.Conv2D(3, 3, dsl.Same())),
		dsl.ReLU(), dsl.GlobalAvgPool(), dsl.Flatten(), dsl.Linear(2)))
	// Output:
	// images    f32[32,3,8,8]
	// conv1     f32[32,3,8,8]
	// relu1     f32[32,3,8,8]
	// conv2     f32[32,3,8,8]
	// res1      f32[32,3,8,8]
	// relu2     f32[32,3,8,8]
	// pool1     f32[32,3,1,1]
	// flatten1  f32[32,3]
	// fc1       f32[32,2]
}

// Each channel is scaled by a number that depends on the whole image: a squeeze and excitation
// block.
func ExampleMultiply() {
	excite := func(x dsl.Tensor) dsl.Tensor {
		weight := dsl.Sequential(dsl.GlobalAvgPool(), dsl.Conv2D(3, 1), dsl.Sigmoid())(x)
		return dsl.Multiply(x, weight)
	}
	layersOf(small(excite, dsl.Flatten(), dsl.Linear(2)))
	// Output:
	// images    f32[32,3,8,8]
	// pool1     f32[32,3,1,1]
	// conv1     f32[32,3,1,1]
	// sigmoid1  f32[32,3,1,1]
	// mul1      f32[32,3,8,8]
	// flatten1  f32[32,192]
	// fc1       f32[32,2]
}

func ExampleConv2D() {
	layersOf(small(
		dsl.Conv2D(8, 5), // 5x5, no padding
		dsl.Conv2D(8, 3, dsl.Same(), dsl.Stride(2)),                 // half as large
		dsl.Conv2D(8, 1, dsl.KernelWidth(3), dsl.Padding(0, 1)),     // 1 high, 3 wide
		dsl.Conv2D(2, 2, dsl.NoBias(), dsl.Init(dsl.XavierUniform)), // one pixel
		dsl.Flatten()))
	// Output:
	// images    f32[32,3,8,8]
	// conv1     f32[32,8,4,4]
	// conv2     f32[32,8,2,2]
	// conv3     f32[32,8,2,2]
	// conv4     f32[32,2,1,1]
	// flatten1  f32[32,2]
}

func ExampleName() {
	layersOf(small(dsl.Conv2D(8, 3, dsl.Name("stem")), dsl.ReLU(), dsl.Conv2D(8, 3), dsl.ReLU(),
		dsl.Flatten(), dsl.Linear(2, dsl.Name("head"))))
	// Output:
	// images    f32[32,3,8,8]
	// stem      f32[32,8,6,6]
	// relu1     f32[32,8,6,6]
	// conv2     f32[32,8,4,4]
	// relu2     f32[32,8,4,4]
	// flatten1  f32[32,128]
	// head      f32[32,2]
}

func ExampleRecipe() {
	recipe := dsl.Recipe{
		Data: "cifar10",
		Normalize: dsl.Normalize{
			Mean: []float64{0.4914, 0.4822, 0.4465},
			Std:  []float64{0.2470, 0.2435, 0.2616},
		},
		Augment:   []dsl.Augmentation{dsl.RandomCrop(4), dsl.HorizontalFlip()},
		Loss:      dsl.CrossEntropy(dsl.LabelSmoothing(0.1)),
		Optimizer: dsl.SGD(0.2, dsl.Momentum(0.9), dsl.WeightDecay(5e-4), dsl.Nesterov()),
		Schedule:  dsl.Warmup(500, dsl.Cosine(0)),
		Batch:     256,
		Epochs:    30,
		Seed:      1,
	}
	layers := dsl.Sequential(dsl.Flatten(), dsl.Linear(10))
	g, err := dsl.New("linear", dsl.Image(3, 32, 32), layers, recipe).Graph()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("rate", g.Recipe.LearningRate)
	for _, choice := range append([]ir.Choice{g.Recipe.Optimizer, g.Recipe.Schedule},
		g.Recipe.Augment...) {
		fmt.Println(choice)
	}
	// Output:
	// rate 0.2
	// sgd momentum=0.9 weight_decay=0.0005 nesterov=1
	// cosine warmup=500 min=0
	// random_crop padding=4
	// horizontal_flip
}
