package dsl

import (
	"slices"

	"github.com/gradc/gradc/compiler/ir"
)

// Recipe is how a network is trained. Schedule, Augment, Normalize, Seed and DirectConvolutions may
// be left out.
type Recipe struct {
	Data      string         // digits, mnist, cifar10, cifar100, folder or npy
	Normalize Normalize      // of the pixels
	Augment   []Augmentation // of training images, in this order
	Loss      Loss
	Optimizer Optimizer
	Schedule  Schedule // of the learning rate; by default Constant
	Batch     int      // images per step
	Epochs    int      // passes over the training images
	Seed      uint64   // of the first weights, the order of images, augmentation and dropout

	// DirectConvolutions has all convolutions computed as the sums of products that define them.
	// By default those with kernels of 3x3, stride 1 and many channels take Winograd's algorithm
	// F(4x4, 3x3): in half the time or less, with rounding errors near 1e-6 instead of 3e-7.
	DirectConvolutions bool
}

// Normalize says how pixels, as numbers from 0 to 1, become the network's input, with one number
// per channel:
//
//	x = (pixel - Mean)/Std
//
// Nothing happens to them by default.
type Normalize struct {
	Mean, Std []float64
}

// check returns the recipe as the compiler knows it. What is wrong becomes a fault of c, or of
// the call that it is about.
func (r *Recipe) check(n *network, c *call, image Input) ir.Recipe {
	sets := []string{"digits", "mnist", "cifar10", "cifar100", "folder", "npy"}
	c.want(slices.Contains(sets, r.Data), "Data is %q, must be one of %s", r.Data, enumerate(sets))
	c.want(r.Loss.call != nil, "Loss is missing, for example CrossEntropy()")
	c.want(r.Optimizer.call != nil, "Optimizer is missing, for example Adam(1e-3)")
	c.size("Batch", r.Batch, 1)
	c.size("Epochs", r.Epochs, 1)
	r.Normalize.check(c, image.channels)
	calls := append([]*call{r.Loss.call, r.Optimizer.call}, r.Schedule.calls...)
	for _, part := range calls {
		if part != nil {
			n.reportFaults(part, "")
		}
	}
	schedule := r.Schedule.choice
	if schedule.Name == "" {
		schedule.Name = "constant"
	}
	return ir.Recipe{Batch: r.Batch, Epochs: r.Epochs, Seed: r.Seed, Data: r.Data,
		LearningRate: r.Optimizer.rate, Optimizer: r.Optimizer.choice, Schedule: schedule,
		Augment: r.augmentations(n, c, image),
		Mean:    r.Normalize.Mean, Std: r.Normalize.Std, Direct: r.DirectConvolutions}
}

func (r *Recipe) augmentations(n *network, c *call, image Input) []ir.Choice {
	var list []ir.Choice
	for i, a := range r.Augment {
		if a.call == nil {
			c.want(false, "Augment[%d] is empty", i)
			continue
		}
		smaller := min(image.height, image.width)
		a.call.want(int(a.choice.Arg("padding")) < smaller,
			"padding is %v, but images have only %d pixels", a.choice.Arg("padding"), smaller)
		n.reportFaults(a.call, "")
		list = append(list, a.choice)
	}
	return list
}

func (z Normalize) check(c *call, channels int) {
	if len(z.Mean) == 0 && len(z.Std) == 0 {
		return
	}
	c.want(len(z.Mean) == channels && len(z.Std) == channels,
		"Normalize needs one number per channel, %d, in Mean and in Std; it has %d and %d",
		channels, len(z.Mean), len(z.Std))
	before := len(c.faults)
	for _, mean := range z.Mean {
		c.finite("a Mean of Normalize", mean)
	}
	for _, std := range z.Std {
		c.positive("a Std of Normalize", std)
	}
	if len(c.faults) > before || len(z.Mean) != len(z.Std) {
		return
	}
	// What a trainer computes pixels with: pixel·(1/(255·Std)) - Mean/Std.
	for channel, std := range z.Std {
		c.positive("1/(255·Std) of Normalize", 1/(255*std))
		c.finite("Mean/Std of Normalize", z.Mean[channel]/std)
	}
}
