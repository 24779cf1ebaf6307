// Package cifarcnn describes a plain convolutional network for small photographs.
package cifarcnn

import "github.com/gradc/gradc/dsl"

//go:generate go tool gradc generate .

// Net is three convolutions and two linear layers, on CIFAR-10.
func Net() *dsl.Model {
	conv := func(channels int) dsl.Layer {
		return dsl.Sequential(dsl.Conv2D(channels, 3, dsl.Same()), dsl.ReLU())
	}
	layers := dsl.Sequential(
		conv(32), dsl.MaxPool(2),
		conv(64), dsl.MaxPool(2),
		conv(128),
		dsl.Flatten(),
		dsl.Linear(512), dsl.ReLU(),
		dsl.Linear(10),
	)
	return dsl.New("cifar-cnn", dsl.Image(3, 32, 32), layers, dsl.Recipe{
		Data: "cifar10",
		Normalize: dsl.Normalize{
			Mean: []float64{0.4914, 0.4822, 0.4465},
			Std:  []float64{0.2470, 0.2435, 0.2616},
		},
		Augment:   []dsl.Augmentation{dsl.RandomCrop(4), dsl.HorizontalFlip()},
		Loss:      dsl.CrossEntropy(),
		Optimizer: dsl.SGD(0.05, dsl.Momentum(0.9), dsl.WeightDecay(5e-4)),
		Schedule:  dsl.OneCycle(0.3),
		Batch:     256,
		Epochs:    30,
		Seed:      1,
	})
}
