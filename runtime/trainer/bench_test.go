package trainer

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/runtime/parallel"
)

func TestBenchJSON(t *testing.T) {
	var rates []float32
	h := hooks{step: func(_ int64, rate float32) { rates = append(rates, rate) }}
	r := runWith(context.Background(), tinySpec(), h, "bench", "-threads", "2", "-steps", "5",
		"-json")
	summary := r.summary(t)
	hasKeys(t, summary, map[string]any{
		"images_per_second": 0.0, "ms_per_step": 0.0, "gflops": 0.0, "peak_gflops": 0.0,
		"peak_gbps":      0.0,
		"peak_rss_bytes": 0.0, "plan_bytes": 0.0, "threads": 0.0, "device": "", "batch": 0.0,
	})
	got := []any{summary["threads"], summary["device"], summary["batch"], summary["plan_bytes"]}
	want := []any{2.0, "cpu", 8.0, float64(tinySpec().PlanBytes)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("threads, device, batch, plan bytes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(make([]float32, warmUp+5), rates); diff != "" {
		t.Errorf("learning rates of the steps taken (-want +got):\n%s", diff)
	}
	number := func(key string) float64 { return summary[key].(float64) }
	if got, want := number("images_per_second"), 8e3/number("ms_per_step"); !near(got, want) {
		t.Errorf("%v images a second, want %v", got, want)
	}
	flops := 4*51.0 + 2*2*8*51.0
	if got, want := number("gflops"), flops/number("ms_per_step")/1e6; !near(got, want) {
		t.Errorf("%v GFLOP/s, want %v", got, want)
	}
	share := 0.0
	for _, k := range summary["kernels"].([]any) {
		share += k.(map[string]any)["share"].(float64)
	}
	if !near(share, 1) {
		t.Errorf("the kernels' shares add up to %v", share)
	}
	if number("peak_gflops") <= 0 {
		t.Errorf("peak of %v GFLOP/s", number("peak_gflops"))
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Abs(b) }

func TestBenchText(t *testing.T) {
	profile := filepath.Join(t.TempDir(), "cpu.prof")
	out := runTiny("bench", "-steps", "1", "-threads", "1", "-cpuprofile", profile).done(t).out
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	starts := []string{"kernel ", "linear forward ", "linear backward ", "linear update ", "total ",
		"tiny: batch 8, 1 thread, cpu", "", "memory: "}
	if len(lines) != len(starts) {
		t.Fatalf("%d lines, want %d:\n%s", len(lines), len(starts), out)
	}
	for i, start := range starts {
		if !strings.HasPrefix(lines[i], start) {
			t.Errorf("line %d, %q, does not begin with %q", i+1, lines[i], start)
		}
	}
	for _, unit := range []string{"images/s", "ms/step", "GFLOP/s", "peak"} {
		if !strings.Contains(lines[6], unit) {
			t.Errorf("line %q does not tell %s", lines[6], unit)
		}
	}
	if info, err := os.Stat(profile); err != nil || info.Size() == 0 {
		t.Errorf("the CPU profile: %v, %v", info, err)
	}
}

// TestBenchTable has kernels bound by either, and two that hardly take time.
func TestBenchTable(t *testing.T) {
	r := benchResult{PeakGflops: 10, PeakGBps: 20, Kernels: []kernelTime{
		{Name: "a", Ms: 1, Share: 0.2489, Gflops: 4, Bytes: 7e6, GBps: 7},
		{Name: "tiny", Ms: 0.001, Share: 0.0003, Bytes: 1e3, GBps: 1},
		{Name: "b", Ms: 3, Share: 0.75, Gflops: 8, Bytes: 0, GBps: 0},
		{Name: "tinier", Ms: 0.001, Share: 0.0003, Bytes: 2e3, GBps: 2},
		{Name: "c", Ms: 1, Share: 0.0005, Gflops: 1, Bytes: 30e6, GBps: 30},
	}}
	r.findBounds()
	want := `kernel           ms     share   GFLOP/s  MB     GB/s   bound
a                1.000  24.9%   4.00     7.00   7.00   compute 40%
b                3.000  75.0%   8.00     0.00   0.00   compute 80%
c                1.000  0.1%    1.00     30.00  30.00  memory 150%
2 small kernels  0.002  0.1%    0.00     0.00   1.50
total            5.002  100.0%  5.80     37.00  7.40
`
	var got strings.Builder
	r.table(&got)
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBenchInterrupted(t *testing.T) {
	ctx, h := interruptAt(2)
	runWith(ctx, tinySpec(), h, "bench").fails(t, 130, "interrupted")
}

func TestMedian(t *testing.T) {
	tests := []struct {
		reason string
		list   []float64
		want   float64
	}{
		{"one", []float64{3}, 3},
		{"odd", []float64{9, 1, 2}, 2},
		{"even", []float64{9, 1, 2, 4}, 3},
	}
	for _, test := range tests {
		if got := median(test.list); got != test.want {
			t.Errorf("%s: %v, want %v", test.reason, got, test.want)
		}
	}
}

func TestPeakFlops(t *testing.T) {
	pool := parallel.NewPool(2)
	defer pool.Close()
	if flops := peakFlops(pool); flops < 1e6 {
		t.Errorf("peak of %v FLOP/s", flops)
	}
}

func TestPeakTraffic(t *testing.T) {
	pool := parallel.NewPool(2)
	defer pool.Close()
	if bytes := peakTraffic(pool); bytes < 1e7 {
		t.Errorf("peak of %v bytes a second", bytes)
	}
}

func TestPeakRSS(t *testing.T) {
	block := make([]byte, 64<<20)
	for i := range block {
		block[i] = byte(i)
	}
	if rss := peakRSS(); rss < int64(len(block)) && rss != 0 {
		t.Errorf("%d bytes resident with %d in use", rss, len(block))
	}
}
