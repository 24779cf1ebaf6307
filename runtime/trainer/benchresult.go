package trainer

import (
	"fmt"
	"io"
	"strings"
)

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
	PeakGBps        float64      `json:"peak_gbps"`   // likewise, by peakTraffic
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
	Bytes  int64   `json:"bytes"` // read and written, each buffer once
	GBps   float64 `json:"gbps"`  // 1e9 bytes a second
	Bound  string  `json:"bound"` // "compute" or "memory"
	// Reached is the share of the machine's peak in what the kernel is bound by: about 0 to 1.
	Reached float64 `json:"reached"`
}

// findBounds tells of each kernel what it would take longer for at the machine's peaks, as a
// roofline does: Williams, Waterman, Patterson, "Roofline" (2009).
func (r *benchResult) findBounds() {
	for i := range r.Kernels {
		k := &r.Kernels[i]
		compute, memory := per(k.Gflops, r.PeakGflops), per(k.GBps, r.PeakGBps)
		k.Bound, k.Reached = "memory", memory
		if compute > memory {
			k.Bound, k.Reached = "compute", compute
		}
	}
}

// smallShare is what a kernel must take of the time for a line of its own.
const smallShare = 0.0005

func (r benchResult) String() string {
	var b strings.Builder
	r.table(&b)
	fmt.Fprintf(&b, "%s: batch %d, %s, %s\n", r.Net, r.Batch, count(r.Threads, "thread"), r.Device)
	fmt.Fprintf(&b, "%.1f images/s, %.3f ms/step, %.2f GFLOP/s (%.0f%% of %.2f measured peak)\n",
		r.ImagesPerSecond, r.MsPerStep, r.Gflops, 100*per(r.Gflops, r.PeakGflops), r.PeakGflops)
	fmt.Fprintf(&b, "memory: %s planned, %s resident at the peak; %.2f GB/s measured peak",
		mebibytes(r.PlanBytes), mebibytes(r.PeakRSSBytes), r.PeakGBps)
	return b.String()
}

// table has a line for each kernel that takes part of the time, one for the small ones and one for
// all.
func (r benchResult) table(w io.Writer) {
	table := newTable(w)
	fmt.Fprintln(table, "kernel\tms\tshare\tGFLOP/s\tMB\tGB/s\tbound")
	var small, total kernelSum
	for _, k := range r.Kernels {
		total.add(k)
		if k.Share < smallShare {
			small.add(k)
			continue
		}
		writeKernel(table, k, fmt.Sprintf("%s %.0f%%", k.Bound, 100*k.Reached))
	}
	if small.kernels > 0 {
		writeKernel(table, small.mean(count(small.kernels, "small kernel")), "")
	}
	writeKernel(table, total.mean("total"), "")
	table.Flush()
}

// kernelSum adds up kernels.
type kernelSum struct {
	kernels          int
	ms, share, flops float64 // flops in 1e6
	bytes            int64
}

func (s *kernelSum) add(k kernelTime) {
	s.kernels++
	s.ms += k.Ms
	s.share += k.Share
	s.flops += k.Gflops * k.Ms
	s.bytes += k.Bytes
}

// mean is the kernels as one.
func (s *kernelSum) mean(name string) kernelTime {
	return kernelTime{Name: name, Ms: s.ms, Share: s.share, Gflops: per(s.flops, s.ms),
		Bytes: s.bytes, GBps: per(float64(s.bytes)/1e6, s.ms)}
}

func writeKernel(table io.Writer, k kernelTime, bound string) {
	line := fmt.Sprintf("%s\t%.3f\t%.1f%%\t%.2f\t%.2f\t%.2f",
		k.Name, k.Ms, 100*k.Share, k.Gflops, float64(k.Bytes)/1e6, k.GBps)
	if bound != "" {
		line += "\t" + bound
	}
	fmt.Fprintln(table, line)
}
