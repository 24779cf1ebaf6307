package trainer

import (
	"context"
	"slices"
	"time"

	"github.com/gradc/gradc/runtime/parallel"
	"github.com/gradc/gradc/runtime/philox"
)

// warmUp is the number of steps before the clock starts: they fault in the memory.
const warmUp = 3

// benchmark times a network on random data.
type benchmark struct {
	ctx    context.Context
	net    Network
	pool   *parallel.Pool
	images []float32
	labels []int32
}

// newBenchmark prepares a network and one batch: pixels of mean 0 and variance 1 as after
// normalisation, labels of all classes.
func newBenchmark(ctx context.Context, net Network, pool *parallel.Pool) *benchmark {
	spec := net.Spec()
	Initialise(net, spec.Recipe.Seed)
	b := &benchmark{
		ctx:    ctx,
		net:    net,
		pool:   pool,
		images: make([]float32, spec.Batch*spec.Channels*spec.Height*spec.Width),
		labels: make([]int32, spec.Batch),
	}
	random := philox.Key{Seed: spec.Recipe.Seed, Purpose: philox.Data}.Stream(0, 0)
	for i := range b.images {
		b.images[i] = float32(random.Normal())
	}
	for i := range b.labels {
		b.labels[i] = int32(random.IntN(spec.Classes))
	}
	return b
}

// step is the median time of a training step in seconds. The learning rate is 0: the arithmetic is
// the same, and no number runs away.
func (b *benchmark) step(n int) (float64, error) {
	times := make([]float64, n)
	for i := -warmUp; i < n; i++ {
		if b.ctx.Err() != nil {
			return 0, interruption{"interrupted while timing steps"}
		}
		start := time.Now()
		b.net.Step(b.images, b.labels, int64(i+warmUp), 0)
		if i >= 0 {
			times[i] = time.Since(start).Seconds()
		}
	}
	return median(times), nil
}

// kernels times each kernel of a training step by itself, in their order, n times over.
func (b *benchmark) kernels(n int) ([]kernelTime, error) {
	list := b.net.TrainKernels()
	times := make([][]float64, len(list))
	for range n {
		for i, k := range list {
			if b.ctx.Err() != nil {
				return nil, interruption{"interrupted while timing kernels"}
			}
			start := time.Now()
			b.pool.Run(k.Tasks, k.Run)
			times[i] = append(times[i], time.Since(start).Seconds())
		}
	}
	result := make([]kernelTime, len(list))
	sum := 0.0
	for i, k := range list {
		seconds := median(times[i])
		sum += seconds
		result[i] = kernelTime{
			Name:   k.Name,
			Layer:  k.Layer,
			Pass:   k.Pass,
			Ms:     1e3 * seconds,
			Gflops: per(float64(k.Flops), seconds) / 1e9,
			Bytes:  k.Bytes,
			GBps:   per(float64(k.Bytes), seconds) / 1e9,
		}
	}
	for i := range result {
		result[i].Share = per(result[i].Ms/1e3, sum)
	}
	return result, nil
}

// median of a list that is not empty; it sorts the list.
func median(list []float64) float64 {
	slices.Sort(list)
	middle := len(list) / 2
	if len(list)%2 == 0 {
		return (list[middle-1] + list[middle]) / 2
	}
	return list[middle]
}
