// Package cifarnet describes a wide convolutional network with global pooling, for small
// photographs.
package cifarnet

import "github.com/gradc/gradc/dsl"

//go:generate go tool gradc generate .

// Net is three wide convolutions, the mean of each channel and two linear layers, on CIFAR-10.
func Net() *dsl.Model {
	block := func(channels int) dsl.Layer {
		return dsl.Sequential(
			dsl.Conv2D(channels, 3, dsl.Same(), dsl.NoBias()), dsl.BatchNorm(), dsl.ReLU())
	}
	layers := dsl.Sequential(
		block(128), dsl.MaxPool(2),
		block(256), dsl.MaxPool(2),
		block(512), dsl.GlobalAvgPool(),
		dsl.Flatten(),
		dsl.Linear(256, dsl.NoBias()), dsl.BatchNorm(), dsl.ReLU(),
		dsl.Dropout(0.3),
		dsl.Linear(10),
	)
	return dsl.New("cifar-net", dsl.Image(3, 32, 32), layers, dsl.Recipe{
		Data: "cifar10",
		Normalize: dsl.Normalize{
			Mean: []float64{0.4914, 0.4822, 0.4465},
			Std:  []float64{0.2470, 0.2435, 0.2616},
		},
		Augment:   []dsl.Augmentation{dsl.RandomCrop(4), dsl.HorizontalFlip()},
		Loss:      dsl.CrossEntropy(),
		Optimizer: dsl.AdamW(2e-3, dsl.WeightDecay(0.05)),
		Schedule:  dsl.Cosine(0),
		Batch:     256,
		Epochs:    100,
		Seed:      1,
	})
}
