package fuzznet

import (
	"fmt"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/dsl"
)

// Graph builds the network by the words of the DSL. An error says what of it is not valid.
func (n *Network) Graph() (*ir.Graph, error) {
	recipe := dsl.Recipe{
		Data: "npy", Batch: n.Batch, Epochs: 1, Seed: n.Seed, DirectConvolutions: n.Direct,
		Loss: n.Loss.build(), Optimizer: n.Optimizer.build(), Schedule: n.Schedule.build(),
	}
	if n.Augment {
		recipe.Augment = []dsl.Augmentation{dsl.HorizontalFlip()}
		if min(n.Image[1], n.Image[2]) > 1 {
			recipe.Augment = append(recipe.Augment, dsl.RandomCrop(1))
		}
		for range n.Image[0] {
			recipe.Normalize.Mean = append(recipe.Normalize.Mean, 0.5)
			recipe.Normalize.Std = append(recipe.Normalize.Std, 0.25)
		}
	}
	image := dsl.Image(n.Image[0], n.Image[1], n.Image[2])
	return dsl.New("fuzzed", image, sequence(n.Layers), recipe).Graph()
}

// sequence applies layers one after the other; none is what was there before.
func sequence(list []Layer) dsl.Layer {
	var layers []dsl.Layer
	for i := range list {
		layers = append(layers, list[i].build())
	}
	return dsl.Sequential(layers...)
}

// build makes the layer. An unknown kind is a panic.
func (l *Layer) build() dsl.Layer {
	switch l.Kind {
	case "Conv2D":
		return dsl.Conv2D(l.Size, l.Kernel[0], append(l.window(), l.weights()...)...)
	case "Linear":
		return dsl.Linear(l.Size, l.weights()...)
	case "BatchNorm":
		return dsl.BatchNorm(l.norm()...)
	case "MaxPool":
		return dsl.MaxPool(l.Kernel[0], l.window()...)
	case "AvgPool":
		return dsl.AvgPool(l.Kernel[0], l.window()...)
	case "Dropout":
		return dsl.Dropout(l.Value)
	case "LeakyReLU":
		return dsl.LeakyReLU(l.Value)
	case "Scale":
		return dsl.Scale(l.Value)
	case "Softplus":
		return dsl.Softplus(l.Value, l.Threshold)
	}
	if simple := simpleLayers[l.Kind]; simple != nil {
		return simple()
	}
	return l.combine()
}

// simpleLayers are the layers without numbers.
var simpleLayers = map[string]func(...dsl.Option) dsl.Layer{
	"ReLU": dsl.ReLU, "Sigmoid": dsl.Sigmoid, "SELU": dsl.SELU, "Softmax": dsl.Softmax,
	"Flatten": dsl.Flatten, "GlobalAvgPool": dsl.GlobalAvgPool, "GlobalMaxPool": dsl.GlobalMaxPool,
}

func (l *Layer) combine() dsl.Layer {
	body := sequence(l.Body)
	if l.Kind == "Residual" {
		return dsl.Residual(body)
	}
	other := sequence(l.Other)
	switch l.Kind {
	case "Add":
		return func(x dsl.Tensor) dsl.Tensor { return dsl.Add(body(x), other(x)) }
	case "Multiply":
		return func(x dsl.Tensor) dsl.Tensor { return dsl.Multiply(body(x), other(x)) }
	case "Repeat":
		return func(x dsl.Tensor) dsl.Tensor { return body(body(x)) }
	case "Shared":
		return func(x dsl.Tensor) dsl.Tensor { return dsl.Add(body(x), body(other(x))) }
	}
	panic(fmt.Sprintf("fuzznet: no layer is named %q", l.Kind))
}

// window returns the options of what moves over images.
func (l *Layer) window() []dsl.Option {
	var list []dsl.Option
	if l.Kernel[1] != l.Kernel[0] {
		list = append(list, dsl.KernelWidth(l.Kernel[1]))
	}
	for _, o := range []struct {
		size   [2]int
		option func(...int) dsl.Option
	}{{l.Stride, dsl.Stride}, {l.Padding, dsl.Padding}, {l.Dilation, dsl.Dilation}} {
		if o.size != [2]int{} {
			list = append(list, o.option(o.size[:]...))
		}
	}
	return list
}

// weights returns the options of layers that multiply by weights.
func (l *Layer) weights() []dsl.Option {
	var list []dsl.Option
	if l.NoBias {
		list = append(list, dsl.NoBias())
	}
	if l.Init != "" {
		list = append(list, dsl.Init(l.Init))
	}
	return list
}

func (l *Layer) norm() []dsl.Option {
	var list []dsl.Option
	if l.NoAffine {
		list = append(list, dsl.Affine(false))
	}
	if l.Momentum != 0 {
		list = append(list, dsl.Momentum(l.Momentum))
	}
	if l.Eps != 0 {
		list = append(list, dsl.Eps(l.Eps))
	}
	if l.Init != "" {
		list = append(list, dsl.Init(l.Init))
	}
	return list
}

func (l *Loss) build() dsl.Loss {
	if l.Focal {
		return dsl.FocalLoss(l.Gamma, l.Alpha)
	}
	options := []dsl.Option{dsl.LabelSmoothing(l.Smoothing)}
	if l.Temperature != 0 {
		options = append(options, dsl.Temperature(l.Temperature))
	}
	return dsl.CrossEntropy(options...)
}

func (o *Optimizer) build() dsl.Optimizer {
	if o.Kind == "sgd" {
		options := []dsl.Option{dsl.Momentum(o.Momentum), dsl.WeightDecay(o.WeightDecay)}
		if o.Nesterov {
			options = append(options, dsl.Nesterov())
		}
		return dsl.SGD(o.Rate, options...)
	}
	var options []dsl.Option
	if o.Betas != [2]float64{} {
		options = append(options, dsl.Betas(o.Betas[0], o.Betas[1]))
	}
	if o.Eps != 0 {
		options = append(options, dsl.Eps(o.Eps))
	}
	if o.Kind == "adam" {
		return dsl.Adam(o.Rate, options...)
	}
	return dsl.AdamW(o.Rate, append(options, dsl.WeightDecay(o.WeightDecay))...)
}

func (s *Schedule) build() dsl.Schedule {
	then := dsl.Constant()
	switch s.Kind {
	case "step":
		then = dsl.StepDecay(s.Every, s.Value)
	case "cosine":
		then = dsl.Cosine(s.Value)
	case "one_cycle":
		then = dsl.OneCycle(s.Value)
	}
	if s.Warmup > 0 {
		return dsl.Warmup(s.Warmup, then)
	}
	return then
}
