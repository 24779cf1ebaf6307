package trainer

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/runtime/checkpoint"
)

func TestExport(t *testing.T) {
	dataDir := writeTiny(t)
	t.Chdir(t.TempDir())
	sha(t, "-data-dir", dataDir)
	out := runTiny("export", "-weights", "runs/tiny/last.safetensors").done(t).out
	if out != "wrote tiny.safetensors\n" {
		t.Errorf("export says %q", out)
	}
	exported, err := checkpoint.Load("tiny.safetensors", 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"center.running_mean", "linear.bias", "linear.weight"}
	if diff := cmp.Diff(want, exported.Names()); diff != "" {
		t.Errorf("tensors (-want +got):\n%s", diff)
	}
	last, err := checkpoint.Load("runs/tiny/last.safetensors", 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range want {
		a, _ := last.Tensor(name)
		b, _ := exported.Tensor(name)
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("%s (-last +exported):\n%s", name, diff)
		}
	}
	path := filepath.Join(t.TempDir(), "w.safetensors")
	runTiny("export", "-o", path, "-format=safetensors").done(t)
	runTiny("eval", "-data-dir", dataDir, "-weights", path).done(t)
	runTiny("export", "-o", "no/such/dir/w").fails(t, 2, "no/such/dir/w")
}

func TestInfo(t *testing.T) {
	want := strings.Join([]string{
		"tiny, described in examples/tiny/net.go:12",
		"input 1x4x4 (channels, height, width), 3 classes, batch 8",
		"recipe: data npy, 3 epochs, loss cross_entropy, sgd momentum=0.9, lr 0.1, seed 1",
		"",
		"layer   op      output  parameters  MFLOP/image  source",
		"linear  linear  3       51          0.000        net.go:14",
		"total                   51          0.000",
		"",
		"tensor               shape  kind",
		"linear.weight        3x16   parameter",
		"linear.bias          3      parameter",
		"center.running_mean  1      running statistic",
		"",
		"memory: 0.0 MiB in all, 0.0 MiB of it the arena",
		"arena",
		"  logits  0..95",
		"",
	}, "\n")
	if diff := cmp.Diff(want, runTiny("info").done(t).out); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
