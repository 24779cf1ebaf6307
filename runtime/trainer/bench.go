package trainer

import (
	"errors"
	"fmt"
	"os"
	"runtime/pprof"

	"github.com/spf13/cobra"

	"github.com/gradc/gradc/runtime/report"
)

// benchFlags are the flags of bench.
type benchFlags struct {
	machine machineFlags
	steps   int
	profile string
	json    bool
}

func (t *trainer) benchCommand() *cobra.Command {
	var f benchFlags
	c := &cobra.Command{
		Use:   "bench",
		Short: "Speed of one training step on random data",
		Long: `Speed of one training step on random data: the median over -steps, and then each kernel by
itself. GFLOP/s count the arithmetic that the plan asks for, MB and GB/s each buffer that a kernel
reads or writes, once. Both are compared with what this machine was measured to do at most: a kernel
is bound by what would take longer at that speed, computing or memory, and the percentage tells how
near it comes. It may pass 100%, where buffers stay in the caches.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return t.bench(&f) },
	}
	f.machine.register(c)
	c.Flags().IntVar(&f.steps, "steps", 20, "time `N` steps")
	c.Flags().StringVar(&f.profile, "cpuprofile", "", "write a CPU profile of the steps to `FILE`")
	c.Flags().BoolVar(&f.json, "json", false, "write the result as a JSON line")
	return c
}

// maxSteps bounds the times that bench keeps.
const maxSteps = 1_000_000

func (t *trainer) bench(f *benchFlags) (err error) {
	if f.steps < 1 || f.steps > maxSteps {
		return fmt.Errorf("-steps %d: use 1 to %d", f.steps, maxSteps)
	}
	pool, err := f.machine.open(t.spec.training())
	if err != nil {
		return err
	}
	defer pool.Close()
	b := newBenchmark(t.ctx, t.build(t.spec.Recipe.Seed, pool), pool)
	stop, err := startProfile(f.profile)
	if err != nil {
		return err
	}
	step, err := b.step(f.steps)
	err = errors.Join(err, stop())
	if err != nil {
		return err
	}
	kernels, err := b.kernels(f.steps)
	if err != nil {
		return err
	}
	result := benchResult{
		Event:           "summary",
		Net:             t.spec.Name,
		Device:          f.machine.device,
		Threads:         pool.Threads(),
		Batch:           t.spec.Batch,
		ImagesPerSecond: per(float64(t.spec.Batch), step),
		MsPerStep:       1e3 * step,
		PlanBytes:       t.spec.PlanBytes + int64(pool.Threads())*t.spec.ThreadBytes,
		PeakRSSBytes:    peakRSS(), // before the peaks are measured, which takes memory
		PeakGflops:      peakFlops(pool) / 1e9,
		PeakGBps:        peakTraffic(pool) / 1e9,
		Kernels:         kernels,
	}
	for _, k := range b.net.TrainKernels() {
		result.Gflops += per(float64(k.Flops), step) / 1e9
	}
	result.findBounds()
	return report.New(t.out, t.err, f.json).Write(result)
}

// startProfile begins a CPU profile, if a path is given; the function returned ends it.
func startProfile(path string) (stop func() error, err error) {
	if path == "" {
		return func() error { return nil }, nil
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("-cpuprofile: %w", err)
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(fmt.Errorf("-cpuprofile: %w", err), file.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return file.Close()
	}, nil
}
