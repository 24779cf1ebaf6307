package trainer

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/runtime/checkpoint"
)

func TestEval(t *testing.T) {
	dataDir := writeTiny(t)
	t.Chdir(t.TempDir())
	trained := runTiny("train", "-data-dir", dataDir, "-json").summary(t)
	best := runTiny("eval", "-data-dir", dataDir, "-json").summary(t)
	hasKeys(t, best, map[string]any{"accuracy": 0.0, "loss": 0.0, "images": 0.0})
	if best["accuracy"] != trained["best_accuracy"] || best["images"] != 21.0 {
		t.Errorf("eval of the default weights: %v, but training said %v", best, trained)
	}
	last := runTiny("eval", "-data-dir", dataDir, "-json", "-threads", "2",
		"-weights", "runs/tiny/last.safetensors").summary(t)
	if last["accuracy"] != trained["test_accuracy"] || last["loss"] != trained["test_loss"] {
		t.Errorf("eval of the last weights: %v, but training said %v", last, trained)
	}
	train := runTiny("eval", "-data-dir", dataDir, "-json", "-split=train").summary(t)
	if train["images"] != 50.0 {
		t.Errorf("eval of the training split: %v, want all 50 images", train)
	}
	text := runTiny("eval", "-data-dir", dataDir).done(t).out
	if !strings.HasPrefix(text, "npy test: accuracy ") || !strings.Contains(text, "21 images\n") {
		t.Errorf("eval as text: %q", text)
	}
}

func TestEvalTakesDataOfTheWeights(t *testing.T) {
	dataDir, dir := writeTiny(t), t.TempDir()
	sha(t, "-data-dir", dataDir, "-run-dir", dir)
	spec := tinySpec()
	spec.Recipe.Data = "mnist" // would be another shape
	args := []string{"eval", "-data-dir", dataDir, "-weights", runDir(dir).best()}
	runWith(context.Background(), spec, hooks{}, args...).done(t)
	runWith(context.Background(), spec, hooks{}, append(args, "-data", "digits")...).
		fails(t, 2, "data digits", "1x28x28")
}

func TestEvalErrors(t *testing.T) {
	dataDir, dir := writeTiny(t), t.TempDir()
	sha(t, "-data-dir", dataDir, "-run-dir", dir, "-max-steps", "2")
	good := readFile(t, runDir(dir).best())
	file := func(contents string) string {
		path := filepath.Join(t.TempDir(), "w.safetensors")
		if err := os.WriteFile(path, []byte(contents), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	odd := filepath.Join(t.TempDir(), "odd\nname.safetensors")
	foreign := filepath.Join(t.TempDir(), "foreign.safetensors")
	tensor := checkpoint.Tensor{Name: "fc.weight", Shape: []int{2}, Data: []float32{1, 2}}
	if err := checkpoint.Save(foreign, []checkpoint.Tensor{tensor}, nil); err != nil {
		t.Fatal(err)
	}
	nan := filepath.Join(t.TempDir(), "nan.safetensors")
	broken := softmaxBuild(tinySpec(), hooks{})(1, nil)
	broken.Params()[0] = float32(math.NaN())
	if err := checkpoint.Save(nan, weightTensors(broken), nil); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		reason string
		args   []string
		says   []string
	}{
		{"an unknown split", []string{"-split", "val"}, []string{`-split "val"`, "test or train"}},
		{"no weights yet", nil, []string{"runs/tiny/best.safetensors", "train first"}},
		{"no such file", []string{"-weights", odd}, []string{"odd; name.safetensors"}},
		{"weights cut short", []string{"-weights", file(good[:len(good)-1])},
			[]string{"w.safetensors"}},
		{"weights with bytes behind", []string{"-weights", file(good + "x")},
			[]string{"w.safetensors"}},
		{"weights of other tensors", []string{"-weights", foreign},
			[]string{"foreign.safetensors", "linear.weight"}},
		{"weights that are not finite", []string{"-weights", nan}, []string{"NaN", "diverged"}},
	}
	t.Chdir(t.TempDir())
	for _, test := range tests {
		t.Run(test.reason, func(t *testing.T) {
			args := append([]string{"eval", "-data-dir", dataDir}, test.args...)
			runTiny(args...).fails(t, 2, test.says...)
		})
	}
}

func TestCommandErrors(t *testing.T) {
	tests := []struct {
		reason string
		args   []string
		says   string
	}{
		{"an unknown command", []string{"tain"}, `"tain"`},
		{"ONNX", []string{"export", "-format", "onnx"}, "formats: safetensors"},
		{"arguments of info", []string{"info", "conv1"}, `"conv1"`},
		{"no images", []string{"predict"}, "needs arguments"},
		{"no steps", []string{"bench", "-steps", "0"}, "-steps 0"},
		{"too many steps", []string{"bench", "-steps", "1000000000"}, "1 to 1000000"},
		{"a profile nowhere", []string{"bench", "-cpuprofile", "no/where"}, "no/where"},
		{"bench on a GPU", []string{"bench", "-device", "cuda:1"}, "-device cuda:1"},
	}
	for _, test := range tests {
		t.Run(test.reason, func(t *testing.T) {
			r := runTiny(test.args...)
			r.fails(t, 2, test.says)
			if r.out != "" {
				t.Errorf("standard output %q, want nothing", r.out)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	want := []string{"bench", "eval", "export", "info", "predict", "train"}
	var got []string
	for _, line := range strings.Split(runTiny().done(t).out, "\n") {
		if strings.HasPrefix(line, "  ") && !strings.HasPrefix(line, "  -") &&
			!strings.Contains(line, "tiny") {
			got = append(got, strings.Fields(line)[0])
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("commands in the help (-want +got):\n%s", diff)
	}
	help := runTiny("train", "-help").done(t).out
	for _, flag := range []string{"-data NAME", "-data-dir DIR", "-epochs N", "-max-steps N",
		"-lr X", "-seed N", "-threads N", "-workers N", "-device NAME", "-run-dir DIR", "-resume",
		"-json"} {
		if !strings.Contains(help, "\n  "+flag+" ") {
			t.Errorf("the help of train does not show %s:\n%s", flag, help)
		}
	}
	if strings.Contains(runTiny("export", "-h").done(t).out, "onnx") {
		t.Error("the help of export offers ONNX")
	}
}
