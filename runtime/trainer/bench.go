package trainer

import (
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
	"strings"

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
itself. GFLOP/s count the arithmetic that the plan asks for, and are compared with what this machine
was measured to do at most. GB/s count each buffer a kernel reads or writes once.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return t.bench(&f) },
	}
	f.machine.register(c)
	c.Flags().IntVar(&f.steps, "steps", 20, "time `N` steps")
	c.Flags().StringVar(&f.profile, "cpuprofile", "", "write a CPU profile of the steps to `FILE`")
	c.Flags().BoolVar(&f.json, "json", false, "write the result as a JSON line")
	return c
}

func (t *trainer) bench(f *benchFlags) (err error) {
	if f.steps < 1 {
		return fmt.Errorf("-steps %d: at least 1 is needed", f.steps)
	}
	pool, err := f.machine.open()
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
		Event:        "summary",
		Net:          t.spec.Name,
		Device:       f.machine.device,
		Threads:      pool.Threads(),
		Batch:        t.spec.Batch,
		MsPerStep:    1e3 * step,
		PeakGflops:   peakFlops(pool) / 1e9,
		PlanBytes:    t.spec.PlanBytes + int64(pool.Threads())*t.spec.ThreadBytes,
		PeakRSSBytes: peakRSS(),
		Kernels:      kernels,
	}
	result.ImagesPerSecond = per(float64(t.spec.Batch), step)
	for _, k := range b.net.TrainKernels() {
		result.Gflops += per(float64(k.Flops), step) / 1e9
	}
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

// benchResult is what bench tells.
type benchResult struct {
	Event           string       `json:"event"`
	Net             string       `json:"net"`
	Device          string       `json:"device"`
	Threads         int          `json:"threads"`
	Batch           int          `json:"batch"`
	ImagesPerSecond float64      `json:"images_per_second"`
	MsPerStep       float64      `json:"ms_per_step"` // median
	Gflops          float64      `json:"gflops"`
	PeakGflops      float64      `json:"peak_gflops"` // of the machine, as measured by peakFlops
	PeakRSSBytes    int64        `json:"peak_rss_bytes"`
	PlanBytes       int64        `json:"plan_bytes"`
	Kernels         []kernelTime `json:"kernels"`
}

// kernelTime is what one kernel takes by itself.
type kernelTime struct {
	Name   string  `json:"name"`
	Layer  string  `json:"layer"`
	Pass   string  `json:"pass"`
	Ms     float64 `json:"ms"`    // median
	Share  float64 `json:"share"` // of the sum over all kernels, 0 to 1
	Gflops float64 `json:"gflops"`
	GBps   float64 `json:"gbps"` // 1e9 bytes a second
}

func (r benchResult) String() string {
	var b strings.Builder
	table := newTable(&b)
	fmt.Fprintln(table, "kernel\tms\tshare\tGFLOP/s\tGB/s")
	total := kernelTime{Name: "total"}
	for _, k := range r.Kernels {
		writeKernel(table, k)
		total.Ms += k.Ms
		total.Share += k.Share
		total.Gflops += k.Gflops * k.Ms // flops for now
		total.GBps += k.GBps * k.Ms
	}
	total.Gflops, total.GBps = per(total.Gflops, total.Ms), per(total.GBps, total.Ms)
	writeKernel(table, total)
	table.Flush()
	fmt.Fprintf(&b, "%s: batch %d, %s, %s\n", r.Net, r.Batch, count(r.Threads, "thread"), r.Device)
	fmt.Fprintf(&b, "%.1f images/s, %.3f ms/step, %.2f GFLOP/s (%.0f%% of %.2f measured peak)\n",
		r.ImagesPerSecond, r.MsPerStep, r.Gflops, 100*per(r.Gflops, r.PeakGflops), r.PeakGflops)
	fmt.Fprintf(&b, "memory: %s planned, %s resident at the peak",
		mebibytes(r.PlanBytes), mebibytes(r.PeakRSSBytes))
	return b.String()
}

func writeKernel(table interface{ Write([]byte) (int, error) }, k kernelTime) {
	fmt.Fprintf(table, "%s\t%.3f\t%.1f%%\t%.2f\t%.2f\n", k.Name, k.Ms, 100*k.Share, k.Gflops, k.GBps)
}
