// Package mnistcnn describes the reference network for handwritten digits.
package mnistcnn

import "github.com/gradc/gradc/dsl"

//go:generate go tool gradc generate .

// Net is three convolutions with batch norm and two linear layers, on MNIST.
func Net() *dsl.Model {
	block := func(channels int) dsl.Layer {
		return dsl.Sequential(
			dsl.Conv2D(channels, 3, dsl.NoBias()), dsl.BatchNorm(), dsl.LeakyReLU(0.01))
	}
	layers := dsl.Sequential(
		block(32), block(64), block(128),
		dsl.Flatten(),
		dsl.Linear(128), dsl.LeakyReLU(0.01),
		dsl.Dropout(0.3),
		dsl.Linear(10),
	)
	return dsl.New("mnist-cnn", dsl.Image(1, 28, 28), layers, dsl.Recipe{
		Data:      "mnist",
		Normalize: dsl.Normalize{Mean: []float64{0.1307}, Std: []float64{0.3081}},
		Loss:      dsl.CrossEntropy(),
		Optimizer: dsl.Adam(1e-4),
		Batch:     128,
		Epochs:    5,
		Seed:      1,
	})
}
