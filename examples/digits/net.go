// Package digits describes a small network for printed digits, which trains in seconds.
package digits

import "github.com/gradc/gradc/dsl"

//go:generate go tool gradc generate .

// Net is two convolutions with batch norm and one linear layer, on digits that are drawn from
// fonts when the training begins.
func Net() *dsl.Model {
	block := func(channels int) dsl.Layer {
		return dsl.Sequential(
			dsl.Conv2D(channels, 3, dsl.NoBias()), dsl.BatchNorm(), dsl.ReLU(), dsl.MaxPool(2))
	}
	layers := dsl.Sequential(block(16), block(32), dsl.Flatten(), dsl.Linear(10))
	return dsl.New("digits", dsl.Image(1, 28, 28), layers, dsl.Recipe{
		Data:      "digits",
		Normalize: dsl.Normalize{Mean: []float64{0.13}, Std: []float64{0.23}},
		Loss:      dsl.CrossEntropy(),
		Optimizer: dsl.Adam(5e-3),
		Schedule:  dsl.OneCycle(0.2),
		Batch:     64,
		Epochs:    4,
		Seed:      1,
	})
}
