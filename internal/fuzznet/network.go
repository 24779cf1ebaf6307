// Package fuzznet compares whole networks, as gradc emits them, with the interpreter: it draws
// descriptions of networks, emits and builds many of them as one program, runs some training steps
// of each, and compares losses, gradients, weights and running statistics. Networks that fail are
// reduced to small ones.
package fuzznet

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/gradc/gradc/dsl"
)

// Network describes a network with its recipe in a form that can be drawn, changed and kept.
type Network struct {
	Note  string `json:",omitempty"` // what was wrong with it, where it is kept
	Seed  uint64 // of the data and the parameters
	Image [3]int // channels, height, width
	Batch int

	// Plain has parameters begin as their initialisers say. By default noise is added, so that
	// biases and the like are not 0.
	Plain bool `json:",omitempty"`

	Layers    []Layer
	Loss      Loss
	Optimizer Optimizer
	Schedule  Schedule
	Augment   bool `json:",omitempty"` // crop, flip and normalise, which steps do not show
	Direct    bool `json:",omitempty"` // DirectConvolutions
}

// Layer is a call of the DSL, or a combination of layers. Fields that a kind does not need are 0.
type Layer struct {
	Kind string // a func of package dsl, Repeat or Shared
	Size int    `json:",omitempty"` // channels, features, times

	Kernel   [2]int `json:",omitzero"` // height, width
	Stride   [2]int `json:",omitzero"` // 0 for the default
	Padding  [2]int `json:",omitzero"`
	Dilation [2]int `json:",omitzero"` // 0 for the default

	NoBias bool            `json:",omitempty"`
	Init   dsl.Initializer `json:",omitempty"` // empty for the default

	Value     float64 `json:",omitempty"` // slope, factor, probability, beta
	Threshold float64 `json:",omitempty"`
	Momentum  float64 `json:",omitempty"` // 0 for the default
	Eps       float64 `json:",omitempty"` // 0 for the default
	NoAffine  bool    `json:",omitempty"`

	// Body and Other are what combinations combine:
	//
	//	Residual  x + body(x)
	//	Add       body(x) + other(x)
	//	Multiply  body(x) · other(x)
	//	Repeat    body(body(x)), with one set of parameters
	//	Shared    body(x) + body(other(x)), likewise
	Body  []Layer `json:",omitempty"`
	Other []Layer `json:",omitempty"`
}

// Loss is a call of CrossEntropy, or of FocalLoss.
type Loss struct {
	Focal        bool    `json:",omitempty"`
	Smoothing    float64 `json:",omitempty"`
	Temperature  float64 `json:",omitempty"` // 0 for the default
	Gamma, Alpha float64 `json:",omitempty"`
}

// Optimizer is a call of SGD, Adam or AdamW.
type Optimizer struct {
	Kind        string // sgd, adam or adamw
	Rate        float64
	Momentum    float64    `json:",omitempty"`
	WeightDecay float64    `json:",omitempty"`
	Nesterov    bool       `json:",omitempty"`
	Betas       [2]float64 `json:",omitzero"`  // 0 for the default
	Eps         float64    `json:",omitempty"` // 0 for the default
}

// Schedule is how the learning rate changes.
type Schedule struct {
	Kind   string  `json:",omitempty"` // empty, step, cosine or one_cycle
	Every  int     `json:",omitempty"` // of step
	Value  float64 `json:",omitempty"` // gamma, end or rise
	Warmup int     `json:",omitempty"` // steps, 0 for none
}

// String returns the description as JSON.
func (n *Network) String() string {
	text, err := json.MarshalIndent(n, "", "\t")
	if err != nil {
		return fmt.Sprintf("%+v: %v", *n, err)
	}
	return pairs.ReplaceAllStringFunc(string(text), func(list string) string {
		return strings.Join(strings.Fields(list), " ")
	})
}

// pairs finds lists of numbers, which are printed in one line.
var pairs = regexp.MustCompile(`\[[\s\d.,]+\]`)

// clone returns a copy that shares nothing.
func (n *Network) clone() *Network {
	c := *n
	c.Layers = cloneLayers(n.Layers)
	return &c
}

func cloneLayers(list []Layer) []Layer {
	if list == nil {
		return nil
	}
	c := make([]Layer, len(list))
	for i, l := range list {
		l.Body, l.Other = cloneLayers(l.Body), cloneLayers(l.Other)
		c[i] = l
	}
	return c
}
