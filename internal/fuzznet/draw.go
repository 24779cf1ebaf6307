package fuzznet

import (
	"math"
	"math/rand/v2"

	"github.com/gradc/gradc/dsl"
)

// Limits of what is drawn.
const (
	mostBatch    = 70
	mostChannels = 70
	mostPixels   = 40 // high or wide
	mostFeatures = 1500

	leastWork, mostWork       = 2e4, 6e6 // multiplications of the forward pass
	wideWork                  = 1.8e7
	leastElements, mostStored = 1e3, 6e4 // of a tensor
)

// Draw draws a valid network. The same seed yields the same one.
func Draw(seed uint64) *Network {
	r := rand.New(rand.NewPCG(seed, 8))
	for {
		n := draw(r)
		n.Seed = r.Uint64()
		if _, err := n.Graph(); err == nil {
			return n
		}
	}
}

// drawer keeps the shape that the layers drawn so far yield.
type drawer struct {
	*rand.Rand
	batch    int
	shape    []int // channels, height, width; or features
	work     float64
	elements float64
	last     *Layer // the last convolution that is not akin to another one
}

func draw(r *rand.Rand) *Network {
	d := &drawer{Rand: r, work: spread(r, leastWork, mostWork),
		elements: spread(r, leastElements, mostStored)}
	n := &Network{Batch: d.size(mostBatch), Plain: d.chance(4), Direct: d.chance(5),
		Augment: d.chance(5)}
	n.Image = [3]int{d.size(mostChannels), d.size(mostPixels), d.size(mostPixels)}
	if d.chance(2) { // as many pictures are
		n.Image[0] = 1 + d.IntN(4)
	}
	if d.chance(9) {
		n.Layers = d.wide(n)
	} else {
		d.shrink(n)
		d.batch, d.shape = n.Batch, n.Image[:]
	}
	n.Layers = append(n.Layers, d.layers()...)
	n.Loss, n.Optimizer, n.Schedule = d.loss(), d.optimizer(), d.schedule()
	return n
}

// spread draws a number between two, as many of each order of magnitude.
func spread(r *rand.Rand, low, high float64) float64 {
	return math.Exp(math.Log(low) + r.Float64()*math.Log(high/low))
}

// wide draws layers that are worth Winograd's algorithm, which takes work: channels in whole blocks
// and some fifty tiles of 4x4 pixels.
func (d *drawer) wide(n *Network) []Layer {
	d.work, d.elements, n.Direct = wideWork, mostStored, false
	n.Image = [3]int{16 * (2 + d.IntN(2)), 4 + d.IntN(13), 4 + d.IntN(13)}
	n.Batch = min(mostBatch, 1+750/(n.Image[1]*n.Image[2]))
	d.batch, d.shape = n.Batch, n.Image[:]
	var list []Layer
	if d.chance(2) {
		n.Image[0] = 1 + d.IntN(4)
		list = append(list, d.same([]int{32, 48}[d.IntN(2)], 3)...)
		list = append(list, d.elementwise()...)
	}
	l := d.weights(Layer{Kind: "Conv2D", Size: []int{32, 48, 64}[d.IntN(3)], Kernel: [2]int{3, 3},
		Padding: d.pair(0, 2)})
	if d.take(&l) {
		list = append(append(list, l), d.elementwise()...)
	}
	return list
}

// chance is true once in n times.
func (d *drawer) chance(n int) bool { return d.IntN(n) == 0 }

// few draws a number from 0 to most, rather a small one: most faults show in small networks.
func (d *drawer) few(most int) int { return min(d.IntN(most+1), d.IntN(most+1)) }

// size draws a number from 1 to most: small, around multiples of 16, or any.
func (d *drawer) size(most int) int {
	switch d.IntN(4) {
	case 0:
		return 1 + d.IntN(min(most, 8))
	case 1:
		return min(most, max(1, 16*(1+d.IntN(1+most/16))+d.IntN(3)-1))
	}
	return 1 + d.IntN(most)
}

func (d *drawer) pair(low, high int) [2]int {
	return [2]int{low + d.IntN(high-low+1), low + d.IntN(high-low+1)}
}

// shrink draws smaller sizes until a batch is small enough.
func (d *drawer) shrink(n *Network) {
	sizes := []*int{&n.Batch, &n.Image[0], &n.Image[1], &n.Image[2]}
	for float64(n.Batch*n.Image[0]*n.Image[1]*n.Image[2]) > d.elements {
		s := sizes[d.IntN(len(sizes))]
		*s = 1 + d.IntN(*s)
	}
}

// fits takes some multiplications, and a result of some elements per image, out of the budget. It
// reports false if there is too little left.
func (d *drawer) fits(work, elements int) bool {
	w := float64(d.batch) * float64(work)
	if w > d.work || float64(d.batch)*float64(elements) > d.elements {
		return false
	}
	d.work -= w
	return true
}

// layers draws a network, from images to logits.
func (d *drawer) layers() []Layer {
	var list []Layer
	if !d.chance(3) {
		for range 1 + d.few(5) {
			list = append(list, d.block(0)...)
		}
		if d.chance(3) {
			list = append(list, d.globalPool())
		}
	}
	list = append(list, d.flatten())
	for range d.few(3) {
		list = append(list, d.features(0)...)
	}
	return append(list, d.classify())
}

// classify draws the last layer; there are at least two classes.
func (d *drawer) classify() Layer {
	classes := 2 + d.IntN(12)
	if d.chance(5) {
		classes = max(2, d.size(mostFeatures))
	}
	for classes > 2 && !d.fits(d.shape[0]*classes, classes) {
		classes = 2 + d.IntN(classes-2)
	}
	l := d.weights(Layer{Kind: "Linear", Size: classes})
	if l.Init == dsl.Zeros || l.Init == dsl.Ones { // all images would look alike
		l.Init = ""
	}
	return l
}

// weights draws the options of a layer with weights.
func (d *drawer) weights(l Layer) Layer {
	l.NoBias = d.chance(3)
	if d.chance(4) {
		l.Init = []dsl.Initializer{dsl.HeNormal, dsl.HeUniform, dsl.XavierNormal,
			dsl.XavierUniform, dsl.HeNormal, dsl.HeUniform, dsl.Zeros, dsl.Ones}[d.IntN(8)]
	}
	return l
}

func (d *drawer) loss() Loss {
	switch d.IntN(5) {
	case 0:
		return Loss{Focal: true, Gamma: []float64{0, 0.5, 1, 1.5, 2, 3}[d.IntN(6)],
			Alpha: []float64{0.25, 1}[d.IntN(2)]}
	case 1:
		return Loss{Smoothing: 0.125, Temperature: 2}
	case 2:
		return Loss{Smoothing: 0.25}
	case 3:
		return Loss{Temperature: []float64{0.5, 1, 4}[d.IntN(3)]}
	}
	return Loss{}
}

func (d *drawer) optimizer() Optimizer {
	decay := []float64{0, 0, 1.0 / 1024, 1.0 / 16}[d.IntN(4)]
	if d.chance(2) {
		o := Optimizer{Kind: "sgd", Rate: 0.002 + 0.03*d.Float64(), WeightDecay: decay}
		if d.chance(2) {
			o.Momentum = 0.875
			o.Nesterov = d.chance(2)
		}
		return o
	}
	o := Optimizer{Kind: "adam", Rate: 2e-4 + 3e-3*d.Float64()}
	if d.chance(3) {
		o.Betas = [2]float64{[]float64{0, 0.5, 0.875}[d.IntN(3)], []float64{0.75, 0.96875}[d.IntN(2)]}
	}
	if d.chance(3) {
		o.Eps = []float64{1e-3, 1e-6, 1e-7}[d.IntN(3)]
	}
	if d.chance(2) {
		o.Kind, o.WeightDecay = "adamw", decay
	}
	return o
}

func (d *drawer) schedule() Schedule {
	s := []Schedule{{}, {Kind: "step", Every: 1 + d.IntN(2), Value: 0.5},
		{Kind: "cosine", Value: 0.25}, {Kind: "one_cycle", Value: 0.375}}[d.IntN(4)]
	if d.chance(4) {
		s.Warmup = 1 + d.IntN(3)
	}
	return s
}
