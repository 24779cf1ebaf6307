// Package dsl describes neural networks and how to train them. The command gradc reads such a
// description and writes the Go package that trains this one network.
//
// A network is an exported func without parameters that returns a [Model]: a name, the size of an
// image, the layers, and a [Recipe] for the training.
//
//	package mynet
//
//	import "github.com/gradc/gradc/dsl"
//
//	//go:generate go tool gradc generate .
//
//	// Net sorts grey images of 28x28 pixels into 10 classes.
//	func Net() *dsl.Model {
//		block := func(channels int) dsl.Layer {
//			return dsl.Sequential(
//				dsl.Conv2D(channels, 3, dsl.NoBias()), dsl.BatchNorm(), dsl.ReLU())
//		}
//		layers := dsl.Sequential(
//			block(16), dsl.MaxPool(2),
//			block(32), dsl.MaxPool(2),
//			dsl.Flatten(), dsl.Dropout(0.3), dsl.Linear(10),
//		)
//		return dsl.New("mynet", dsl.Image(1, 28, 28), layers, dsl.Recipe{
//			Data:      "mnist",
//			Normalize: dsl.Normalize{Mean: []float64{0.1307}, Std: []float64{0.3081}},
//			Loss:      dsl.CrossEntropy(),
//			Optimizer: dsl.Adam(1e-3),
//			Batch:     128,
//			Epochs:    5,
//		})
//	}
//
// # Layers are functions
//
// A [Layer] is a func from [Tensor] to [Tensor], so a func of your own is a layer as well. That is
// all there is to networks with branches, and to values used more than once:
//
//	func inception(x dsl.Tensor) dsl.Tensor {
//		narrow := dsl.Conv2D(32, 1)(x)
//		wide := dsl.Sequential(dsl.Conv2D(32, 3, dsl.Same()), dsl.ReLU())(x)
//		return dsl.Add(narrow, wide)
//	}
//
// [Residual] is short for x + layers(x). A layer that is applied twice has one set of parameters:
// conv(conv(x)) trains one kernel, Conv2D(…)(Conv2D(…)(x)) two.
//
// # Shapes
//
// Images are [batch, channels, height, width], features [batch, features]. The sizes that a layer
// takes follow from its input. The last layer yields one number per class, the logits; softmax
// belongs to the loss.
//
// # Names
//
// Layers are numbered by kind in the order in which they are applied: conv1, bn1, lrelu1, conv2, …
// The option [Name] chooses another name. Names appear in the emitted code, in the memory plan and
// in saved weights ("conv1.weight").
//
// # Mistakes
//
// Nothing in this package panics because of a mistake in a description. Mistakes are collected and
// reported together, each with the line of the call it is about:
//
//	net.go:23: Conv2D "conv2": input has 3 channels of 8x8, kernel 9x9 with padding 0 does not fit
package dsl
