package fuzznet

import (
	"math/rand/v2"
	"slices"
)

// Reduce returns the smallest description that it finds of a network that fails at the same stage
// as f does: it leaves out layers and options and makes sizes smaller, as long as that fails. Step
// is called for each network on the way; nil is for none.
func (r *Run) Reduce(f Failure, step func(Failure)) (Failure, error) {
	one := Run{Tools: r.Tools, Workers: r.Workers, Batch: together / max(1, r.Workers)}
	return reduce(f, step, func(list []*Network) ([]Failure, error) {
		failures, _, err := one.Networks(list)
		return failures, err
	})
}

// together is how many candidates are compared at a time.
const together = 8

func reduce(
	f Failure, step func(Failure), compare func([]*Network) ([]Failure, error),
) (Failure, error) {
	for {
		smaller, err := firstThatFails(f, compare)
		if err != nil || smaller == nil {
			return f, err
		}
		f = *smaller
		if step != nil {
			step(f)
		}
	}
}

// firstThatFails returns the first candidate for f's place that fails, or nil.
func firstThatFails(
	f Failure, compare func([]*Network) ([]Failure, error),
) (*Failure, error) {
	for list := range slices.Chunk(candidates(f.Network), together) {
		found, err := compare(list)
		if err != nil {
			return nil, err
		}
		for _, n := range list {
			for i := range found {
				if found[i].Network == n && found[i].stage() == f.stage() {
					return &found[i], nil
				}
			}
		}
	}
	return nil, nil
}

// stage is emit, build or run.
func (f *Failure) stage() string {
	if f.Where == "emit" || f.Where == "build" {
		return f.Where
	}
	return "run"
}

// candidates returns valid networks that are each a step smaller than n, larger steps first.
func candidates(n *Network) []*Network {
	var list []*Network
	seen := map[string]bool{n.String(): true}
	try := func(change func(c *Network)) {
		c := n.clone()
		change(c)
		text := c.String()
		if seen[text] {
			return
		}
		seen[text] = true
		if _, err := c.Graph(); err == nil {
			list = append(list, c)
		}
	}
	for _, layers := range smallerLists(n.Layers) {
		try(func(c *Network) { c.Layers = layers })
	}
	for _, batch := range smallerSizes(n.Batch) {
		try(func(c *Network) { c.Batch = batch })
	}
	for axis := range n.Image {
		for _, size := range smallerSizes(n.Image[axis]) {
			try(func(c *Network) { c.Image[axis] = size })
		}
	}
	try(func(c *Network) { c.Loss = Loss{} })
	try(func(c *Network) { c.Optimizer = Optimizer{Kind: "sgd", Rate: 0.125} })
	try(func(c *Network) { c.Optimizer = Optimizer{Kind: n.Optimizer.Kind, Rate: n.Optimizer.Rate} })
	try(func(c *Network) { c.Schedule = Schedule{} })
	try(func(c *Network) { c.Augment = false })
	try(func(c *Network) { c.Direct = false })
	try(func(c *Network) { c.Plain = false })
	return list
}

// smallerSizes returns sizes from 1 on below a size.
func smallerSizes(size int) []int {
	var list []int
	for _, s := range []int{1, size / 2, size - 16, size - 1} {
		if s >= 1 && s < size && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// smallerLists returns lists with layers left out, or with one layer made smaller.
func smallerLists(layers []Layer) [][]Layer {
	var list [][]Layer
	for count := len(layers) / 2; count >= 1; count /= 2 {
		for at := 0; at+count <= len(layers); at += count {
			list = append(list, slices.Concat(layers[:at], layers[at+count:]))
		}
	}
	for i := range layers {
		for _, with := range smallerLayers(&layers[i]) {
			list = append(list, slices.Concat(layers[:i], with, layers[i+1:]))
		}
	}
	return list
}

// smallerLayers returns what may stand in the place of a layer.
func smallerLayers(l *Layer) [][]Layer {
	var list [][]Layer
	if len(l.Body) > 0 || len(l.Other) > 0 {
		list = append(list, l.Body, l.Other)
	}
	try := func(change func(c *Layer)) {
		c := *l
		change(&c)
		list = append(list, []Layer{c})
	}
	for _, body := range smallerLists(l.Body) {
		try(func(c *Layer) { c.Body = body })
	}
	for _, other := range smallerLists(l.Other) {
		try(func(c *Layer) { c.Other = other })
	}
	for _, size := range smallerSizes(l.Size) {
		try(func(c *Layer) { c.Size = size })
	}
	for axis := range 2 {
		for _, size := range smallerSizes(l.Kernel[axis]) {
			try(func(c *Layer) { c.Kernel[axis] = size })
		}
		for _, p := range []func(*Layer) *[2]int{
			func(l *Layer) *[2]int { return &l.Stride },
			func(l *Layer) *[2]int { return &l.Padding },
			func(l *Layer) *[2]int { return &l.Dilation },
		} {
			for size := range p(l)[axis] {
				try(func(c *Layer) { p(c)[axis] = size })
			}
			try(func(c *Layer) { *p(c) = [2]int{} })
		}
	}
	try(func(c *Layer) { c.Init = "" })
	try(func(c *Layer) { c.Momentum, c.Eps, c.NoAffine = 0, 0, false })
	if l.Kind == "Conv2D" || l.Kind == "Linear" {
		try(func(c *Layer) { c.NoBias = true })
	}
	return list
}

// Seeds returns the seeds of networks that a run of this seed draws.
func Seeds(seed uint64, count int) []uint64 {
	r := rand.New(rand.NewPCG(seed, 9))
	list := make([]uint64, count)
	for i := range list {
		list[i] = r.Uint64()
	}
	return list
}
