package trainer

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gradc/gradc/runtime/checkpoint"
	"github.com/gradc/gradc/runtime/parallel"
)

// TestNotFiniteIsNotSaved puts what is not finite into each block of a network while its loss stays
// finite.
func TestNotFiniteIsNotSaved(t *testing.T) {
	dataDir := writeTiny(t)
	for _, test := range []struct {
		tensor    string
		block     func(*softmaxNet) []float32
		interrupt bool
	}{
		{"center.running_mean", func(n *softmaxNet) []float32 { return n.states }, false},
		{"center.running_mean", func(n *softmaxNet) []float32 { return n.states }, true},
		{"optimizer.momentum_buffer.linear.bias",
			func(n *softmaxNet) []float32 { return n.moment }, false},
		{"linear.bias", func(n *softmaxNet) []float32 { return n.params }, true},
	} {
		for _, bad := range []float64{math.NaN(), math.Inf(-1)} {
			dir := t.TempDir()
			sha(t, "-data-dir", dataDir, "-run-dir", dir, "-max-steps", "6")
			last := readFile(t, runDir(dir).last())
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			var net *softmaxNet
			h := hooks{loss: func(step int64, _ float32) float32 {
				if step == 8 {
					block := test.block(net)
					block[len(block)-1] = float32(bad)
					if test.interrupt {
						cancel()
					}
				}
				return 1
			}}
			build := func(seed uint64, pool *parallel.Pool) Network {
				net = softmaxBuild(tinySpec(), h)(seed, pool).(*softmaxNet)
				return net
			}
			var out, errOut bytes.Buffer
			code := Run(ctx, tinySpec(), build, []string{"train", "-data-dir", dataDir,
				"-run-dir", dir, "-resume", "-max-steps", "9"}, &out, &errOut)
			r := result{code, out.String(), errOut.String()}
			if test.interrupt {
				r.fails(t, 2, "interrupted after step 9", test.tensor, "diverged")
			} else {
				r.fails(t, 2, "diverged")
			}
			if readFile(t, runDir(dir).last()) != last {
				t.Errorf("%s of %v replaced sound weights", test.tensor, bad)
			}
			runTiny("eval", "-data-dir", dataDir, "-weights", runDir(dir).best()).done(t)
		}
	}
}

// TestPredictNotFinite has weights that are not finite, and weights whose logits are not.
func TestPredictNotFinite(t *testing.T) {
	picture := filepath.Join(t.TempDir(), "0.png")
	writeImage(t, picture, barImage(0, 170, 60))
	for _, test := range []struct {
		reason string
		weight float64
		says   string
	}{
		{"NaN", math.NaN(), "element 0 of linear.weight is NaN"},
		{"infinite", math.Inf(1), "element 0 of linear.weight is +Inf"},
		{"too large", math.MaxFloat32, "Inf of class"},
	} {
		n := softmaxBuild(tinySpec(), hooks{})(1, nil)
		n.Params()[0] = float32(test.weight)
		for i := range n.Params() {
			if test.weight == math.MaxFloat32 {
				n.Params()[i] = math.MaxFloat32
			}
		}
		weights := filepath.Join(t.TempDir(), "w.safetensors")
		if err := checkpoint.Save(weights, weightTensors(n), nil); err != nil {
			t.Fatal(err)
		}
		text := runTiny("predict", "-weights", weights, picture)
		text.fails(t, 2, test.says)
		if asJSON := runTiny("predict", "-weights", weights, "-json", picture); asJSON != text ||
			text.out != "" {
			t.Errorf("%s: as JSON %v, as text %v", test.reason, asJSON, text)
		}
	}
}

// TestWeightsOfPyTorch reads what torch.nn.BatchNorm2d adds to a file.
func TestWeightsOfPyTorch(t *testing.T) {
	dataDir, dir := writeTiny(t), t.TempDir()
	header := `{"__metadata__":{"format":"pt"},` +
		`"center.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[0,8]},` +
		`"center.running_mean":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},` +
		`"linear.bias":{"dtype":"F32","shape":[3],"data_offsets":[12,24]},` +
		`"linear.weight":{"dtype":"F32","shape":[3,16],"data_offsets":[24,216]}}`
	header += strings.Repeat(" ", 7-(len(header)+7)%8)
	contents := append([]byte{byte(len(header)), byte(len(header) >> 8), 0, 0, 0, 0, 0, 0}, header...)
	weights := filepath.Join(dir, "pytorch.safetensors")
	if err := os.WriteFile(weights, append(contents, make([]byte, 216)...), 0o666); err != nil {
		t.Fatal(err)
	}
	runTiny("eval", "-data-dir", dataDir, "-weights", weights).done(t)
	out := filepath.Join(dir, "out.safetensors")
	runTiny("export", "-weights", weights, "-o", out).done(t)
	runTiny("eval", "-data-dir", dataDir, "-weights", out).done(t)
}
