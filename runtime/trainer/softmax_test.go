package trainer

import (
	"math"

	"github.com/gradc/gradc/runtime/augment"
	"github.com/gradc/gradc/runtime/initial"
	"github.com/gradc/gradc/runtime/parallel"
	"github.com/gradc/gradc/runtime/philox"
	"github.com/gradc/gradc/runtime/schedule"
)

// softmaxSpec describes a softmax regression in the way an emitted package does.
func softmaxSpec(name string, batch, c, h, w, classes int) *Spec {
	in := c * h * w
	size := int64(classes * (in + 1))
	flops := int64(2 * classes * in)
	return &Spec{
		Name:     name,
		Source:   "examples/" + name + "/net.go:12",
		Batch:    batch,
		Channels: c, Height: h, Width: w, Classes: classes,
		Params: []Tensor{
			{Name: "linear.weight", Shape: []int{classes, in},
				Init: initial.Init{Kind: initial.XavierUniform, FanIn: in, FanOut: classes}},
			{Name: "linear.bias", Shape: []int{classes}, Offset: classes * in},
		},
		States:     []Tensor{{Name: "center.running_mean", Shape: []int{1}}},
		Moments:    []string{"momentum_buffer"},
		Layers:     []Layer{{"linear", "linear", "net.go:14", []int{classes}, int(size), flops}},
		Arena:      int64(2 * batch * classes),
		PlanBytes:  4 * (3*size + 1 + int64(2*batch*classes)),
		InferBytes: 4 * (size + 1 + int64(2*batch*classes)),
		Plan:       "arena\n  logits  0..95\n",
		Recipe: Recipe{
			Data:         "npy",
			Epochs:       3,
			Seed:         1,
			LearningRate: 0.1,
			Schedule:     schedule.Cosine{},
			Pipeline: augment.Pipeline{Mean: []float32{0.5}, Std: []float32{0.5},
				Augment: []augment.Augmentation{augment.Flip{}}},
		},
		Digests: Digests{
			Inference: "softmax", Training: "softmax with dropout",
			Normalize: "mean=[0.5] std=[0.5]", Augment: "horizontal_flip", Loss: "cross_entropy",
			Optimizer: "sgd momentum=0.9", Schedule: "cosine",
		},
	}
}

// softmaxNet is a softmax regression on inputs centred by a running mean, with dropout, trained by
// momentum: it has everything that a resumed training has to bring back.
type softmaxNet struct {
	spec   *Spec
	seed   uint64
	pool   *parallel.Pool
	hooks  hooks
	params []float32
	moment []float32
	states []float32
	grads  []float32
	logits []float32
	errors []float32 // d loss / d logits
	losses []float32

	images  []float32
	labels  []int32
	step    int64
	rate    float32
	train   bool
	kernels []Kernel
}

// hooks let a test see and disturb a network; each may be nil.
type hooks struct {
	step  func(step int64, rate float32)
	infer func()
	loss  func(step int64, loss float32) float32
}

func softmaxBuild(spec *Spec, h hooks) Build {
	return func(seed uint64, pool *parallel.Pool) Network {
		size := spec.paramCount()
		n := &softmaxNet{
			spec: spec, seed: seed, pool: pool, hooks: h,
			params: make([]float32, size),
			moment: make([]float32, size),
			states: make([]float32, 1),
			grads:  make([]float32, size),
			logits: make([]float32, spec.Batch*spec.Classes),
			errors: make([]float32, spec.Batch*spec.Classes),
			losses: make([]float32, spec.Batch),
		}
		flops := 2 * int64(size*spec.Batch)
		bytes := 4 * int64(size)
		n.kernels = []Kernel{
			{"linear forward", "linear", "forward", spec.Batch, n.forward, flops, bytes},
			{"linear backward", "linear", "backward", spec.Classes, n.backward, flops, bytes},
			{"linear update", "linear", "update", 1, n.update, 4 * int64(size), 3 * bytes},
		}
		return n
	}
}

func (n *softmaxNet) Spec() *Spec            { return n.spec }
func (n *softmaxNet) Params() []float32      { return n.params }
func (n *softmaxNet) Moments() []float32     { return n.moment }
func (n *softmaxNet) States() []float32      { return n.states }
func (n *softmaxNet) Logits() []float32      { return n.logits }
func (n *softmaxNet) Losses() []float32      { return n.losses }
func (n *softmaxNet) TrainKernels() []Kernel { return n.kernels }

func (n *softmaxNet) TrainEpoch(e *Epoch) error {
	for e.Next() {
		loss := n.Step(e.Images(), e.Labels(), e.Step(), e.Rate())
		e.Done(loss, n.Logits())
	}
	return e.Err()
}

func (n *softmaxNet) Step(images []float32, labels []int32, step int64, rate float32) float32 {
	n.images, n.labels, n.step, n.rate, n.train = images, labels, step, rate, true
	if n.hooks.step != nil {
		n.hooks.step(step, rate)
	}
	mean := float32(0)
	for _, x := range images {
		mean += x
	}
	n.states[0] += 0.1 * (mean/float32(len(images)) - n.states[0])
	for _, k := range n.kernels {
		n.pool.Run(k.Tasks, k.Run)
	}
	loss := float32(0)
	for _, l := range n.losses {
		loss += l / float32(len(n.losses))
	}
	if n.hooks.loss != nil {
		loss = n.hooks.loss(step, loss)
	}
	return loss
}

func (n *softmaxNet) Infer(images []float32, labels []int32) {
	n.images, n.labels, n.train = images, labels, false
	if n.hooks.infer != nil {
		n.hooks.infer()
	}
	n.pool.Run(n.spec.Batch, n.forward)
}

// input is element i of an image, centred and with dropout in training.
func (n *softmaxNet) input(image, i int) float32 {
	in := len(n.images) / n.spec.Batch
	x := n.images[image*in+i] - n.states[0]
	if n.train && philox.Uniform(n.seed, 0, uint64(n.step), uint64(image*in+i)) < 0.1 {
		return 0
	}
	return x
}

func (n *softmaxNet) forward(image int) {
	in, classes := len(n.images)/n.spec.Batch, n.spec.Classes
	row := n.logits[image*classes : (image+1)*classes]
	copy(row, n.params[classes*in:])
	for i := range in {
		x := n.input(image, i)
		for class := range row {
			row[class] += n.params[class*in+i] * x
		}
	}
	sum := 0.0
	for _, z := range row {
		sum += math.Exp(float64(z))
	}
	label := int(n.labels[image])
	n.losses[image] = float32(math.Log(sum) - float64(row[label]))
	for class, z := range row {
		n.errors[image*classes+class] = float32(math.Exp(float64(z)) / sum)
	}
	n.errors[image*classes+label]--
}

func (n *softmaxNet) backward(class int) {
	in, classes := len(n.images)/n.spec.Batch, n.spec.Classes
	weights := n.grads[class*in : (class+1)*in]
	clear(weights)
	bias := float32(0)
	for image := range n.spec.Batch {
		e := n.errors[image*classes+class] / float32(n.spec.Batch)
		bias += e
		for i := range weights {
			weights[i] += e * n.input(image, i)
		}
	}
	n.grads[classes*in+class] = bias
}

func (n *softmaxNet) update(int) {
	for i, g := range n.grads {
		n.moment[i] = 0.9*n.moment[i] + g
		n.params[i] -= n.rate * n.moment[i]
	}
}
