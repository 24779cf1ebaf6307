// Package cifarresnet describes a residual network for small photographs.
package cifarresnet

import "github.com/gradc/gradc/dsl"

//go:generate go tool gradc generate .

// Net is eight convolutions, two pairs of them bridged by skip connections, on CIFAR-10.
func Net() *dsl.Model {
	block := func(channels int) dsl.Layer {
		return dsl.Sequential(
			dsl.Conv2D(channels, 3, dsl.Same(), dsl.NoBias()), dsl.BatchNorm(), dsl.LeakyReLU(0.01))
	}
	layers := dsl.Sequential(
		block(64),
		block(128), dsl.MaxPool(2), dsl.Residual(block(128), block(128)),
		block(256), dsl.MaxPool(2),
		block(512), dsl.MaxPool(2), dsl.Residual(block(512), block(512)),
		dsl.GlobalMaxPool(),
		dsl.Flatten(),
		dsl.Dropout(0.5),
		dsl.Linear(10),
	)
	return dsl.New("cifar-resnet", dsl.Image(3, 32, 32), layers, dsl.Recipe{
		Data: "cifar10",
		Normalize: dsl.Normalize{
			Mean: []float64{0.4914, 0.4822, 0.4465},
			Std:  []float64{0.2470, 0.2435, 0.2616},
		},
		Augment:   []dsl.Augmentation{dsl.RandomCrop(4), dsl.HorizontalFlip()},
		Loss:      dsl.CrossEntropy(dsl.LabelSmoothing(0.1)),
		Optimizer: dsl.SGD(0.2, dsl.Momentum(0.9), dsl.WeightDecay(5e-4), dsl.Nesterov()),
		Schedule:  dsl.OneCycle(0.3),
		Batch:     256,
		Epochs:    30,
		Seed:      1,
	})
}
