package trainer

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/runtime/parallel"
	"github.com/gradc/gradc/runtime/schedule"
)

func TestTrainWithoutFlags(t *testing.T) {
	dataDir := writeTiny(t)
	t.Chdir(t.TempDir())
	out := runTiny("train", "-data-dir", dataDir).done(t).out
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(lines) != 1+3+3 {
		t.Fatalf("%d lines, want a header, 3 epochs and 3 lines of summary:\n%s", len(lines), out)
	}
	for i, words := range [][]string{
		{"tiny: 51 parameters", "batch 8", "cpu", "npy (50 train, 21 test)", "lr 0.1", "seed 1"},
		{"epoch 1/3", "step 6 ", "loss ", "train ", "test ", "images/s"},
		{"epoch 2/3", "step 12 "},
		{"epoch 3/3", "step 18 "},
		{"test accuracy ", "after 18 steps", "best "},
		{"weights sha256 "},
		{"wrote runs/tiny/best.safetensors, runs/tiny/last.safetensors, runs/tiny/run.json"},
	} {
		for _, word := range words {
			if !strings.Contains(lines[i], word) {
				t.Errorf("line %d, %q, does not say %q", i+1, lines[i], word)
			}
		}
	}
	files, err := filepath.Glob("runs/tiny/*")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"runs/tiny/.lock", "runs/tiny/best.safetensors", "runs/tiny/last.safetensors",
		"runs/tiny/run.json",
	}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Errorf("files of the run (-want +got):\n%s", diff)
	}
}

func TestTrainJSON(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	r := runTiny("train", "--data-dir", writeTiny(t), "-run-dir", dir, "-epochs=5", "-json")
	summary := r.summary(t)
	hasKeys(t, summary, map[string]any{
		"test_accuracy": 0.0, "epochs": 0.0, "steps": 0.0, "seconds": 0.0,
		"weights_sha256": "", "run_dir": "",
	})
	if accuracy := summary["test_accuracy"].(float64); accuracy < 0.9 || accuracy > 1 {
		t.Errorf("test accuracy %v of classes that differ in a whole row", accuracy)
	}
	got := []any{summary["epochs"], summary["steps"], summary["run_dir"]}
	if diff := cmp.Diff([]any{5.0, 30.0, dir}, got); diff != "" {
		t.Errorf("epochs, steps, run_dir (-want +got):\n%s", diff)
	}
	var events []any
	for _, event := range r.events(t) {
		events = append(events, event["event"])
	}
	want := []any{"start", "epoch", "epoch", "epoch", "epoch", "epoch", "summary"}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	kept := map[string]any{}
	if err := json.Unmarshal([]byte(readFile(t, filepath.Join(dir, "run.json"))), &kept); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(summary, kept); diff != "" {
		t.Errorf("run.json is not the summary (-summary +run.json):\n%s", diff)
	}
}

// sha trains the tiny network and returns the hash of its weights.
func sha(t *testing.T, args ...string) string {
	t.Helper()
	args = append([]string{"train", "-json"}, args...)
	return runTiny(args...).summary(t)["weights_sha256"].(string)
}

func TestWeightsDependOnSeedAndRateAlone(t *testing.T) {
	dataDir := writeTiny(t)
	train := func(args ...string) string {
		return sha(t, append(args, "-data-dir", dataDir, "-run-dir", t.TempDir())...)
	}
	want := train()
	tests := []struct {
		reason string
		same   bool
		args   []string
	}{
		{"one thread, one worker", true, []string{"-threads", "1", "-workers", "1"}},
		{"more threads and workers", true, []string{"-threads", "3", "-workers", "4"}},
		{"the recipe's choices spelled out", true, []string{"-seed", "1", "-lr", "0.1",
			"-epochs", "3", "-device", "cpu", "-data", "npy"}},
		{"another seed", false, []string{"-seed", "2"}},
		{"another learning rate", false, []string{"-lr", "0.11"}},
		{"fewer steps", false, []string{"-max-steps", "17"}},
	}
	for _, test := range tests {
		t.Run(test.reason, func(t *testing.T) {
			if got := train(test.args...); (got == want) != test.same {
				t.Errorf("weights %s, of the recipe %s", got, want)
			}
		})
	}
}

func TestRateFollowsScheduleOverAllSteps(t *testing.T) {
	spec := tinySpec()
	spec.Recipe.Schedule = schedule.Cosine{}
	var got []float32
	record := hooks{step: func(_ int64, rate float32) { got = append(got, rate) }}
	runWith(context.Background(), spec, record, "train", "-data-dir", writeTiny(t),
		"-run-dir", t.TempDir(), "-epochs", "2", "-lr", "0.5", "-max-steps", "8").done(t)
	var want []float32
	for step := range int64(8) { // the limit of steps does not bend the schedule
		want = append(want, float32(0.5*schedule.Cosine{}.Rate(step, 2*tinyBatches)))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("learning rates (-want +got):\n%s", diff)
	}
}

func TestMaxSteps(t *testing.T) {
	dir := t.TempDir()
	summary := runTiny("train", "-data-dir", writeTiny(t), "-run-dir", dir, "-max-steps", "8",
		"-json").summary(t)
	got := []any{summary["steps"], summary["epochs"]}
	if diff := cmp.Diff([]any{8.0, 1.0}, got); diff != "" {
		t.Errorf("steps, completed epochs (-want +got):\n%s", diff)
	}
	if !exists(filepath.Join(dir, "best.safetensors")) {
		t.Error("the weights at the limit were not evaluated")
	}
}

func TestTrainReplacesEarlierTraining(t *testing.T) {
	dataDir, dir := writeTiny(t), t.TempDir()
	sha(t, "-data-dir", dataDir, "-run-dir", dir, "-seed", "2", "-epochs", "9")
	again := sha(t, "-data-dir", dataDir, "-run-dir", dir)
	fresh := t.TempDir()
	if want := sha(t, "-data-dir", dataDir, "-run-dir", fresh); again != want {
		t.Errorf("weights %s in a used run directory, %s in a new one", again, want)
	}
	for _, name := range []string{"best.safetensors", "last.safetensors"} {
		if readFile(t, filepath.Join(dir, name)) != readFile(t, filepath.Join(fresh, name)) {
			t.Errorf("%s depends on an earlier training", name)
		}
	}
}

func TestLossThatIsNotFinite(t *testing.T) {
	for _, loss := range []float64{math.NaN(), math.Inf(1)} {
		dir := t.TempDir()
		h := hooks{loss: func(step int64, l float32) float32 {
			if step == 7 {
				return float32(loss)
			}
			return l
		}}
		r := runWith(context.Background(), tinySpec(), h, "train", "-data-dir", writeTiny(t),
			"-run-dir", dir)
		r.fails(t, 2, "step 8 (epoch 2, batch 2 of 6)", "loss is", "-lr")
		saved, err := openWeights(runDir(dir).last(), tinySpec())
		if err != nil {
			t.Fatal(err)
		}
		if saved.state.Step != 6 || len(saved.file.Names()) == 0 {
			t.Errorf("last holds step %d, want 6, the last epoch's end", saved.state.Step)
		}
	}
}

// lazyNet forgets a batch of each epoch.
type lazyNet struct{ Network }

func (n lazyNet) TrainEpoch(e *Epoch) error {
	e.Next()
	return n.Network.TrainEpoch(e)
}

func TestLoopThatLeavesBatchesOut(t *testing.T) {
	var out, errOut bytes.Buffer
	spec := tinySpec()
	build := func(seed uint64, pool *parallel.Pool) Network {
		return lazyNet{softmaxBuild(spec, hooks{})(seed, pool)}
	}
	code := Run(context.Background(), spec, build, []string{"train", "-data-dir", writeTiny(t),
		"-run-dir", t.TempDir()}, &out, &errOut)
	result{code, out.String(), errOut.String()}.fails(t, 2, "epoch 1 ended after step 5", "of 6")
}

func TestTrainErrors(t *testing.T) {
	dataDir, blocked := writeTiny(t), filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		reason string
		args   []string
		says   []string
	}{
		{"a run directory below a file", []string{"-run-dir", filepath.Join(blocked, "run")},
			[]string{"-run-dir", blocked}},
		{"no run directory", []string{"-run-dir", ""}, []string{"-run-dir is empty"}},
		{"an unknown flag", []string{"-bach", "3"}, []string{"bach"}},
		{"an argument", []string{"mnist"}, []string{"mnist"}},
		{"epochs in words", []string{"-epochs", "ten"}, []string{"ten", "epochs"}},
		{"no epochs", []string{"-epochs", "0"}, []string{"-epochs 0"}},
		{"negative steps", []string{"-max-steps", "-1"}, []string{"-max-steps -1"}},
		{"a learning rate of zero", []string{"-lr", "0"}, []string{"-lr 0"}},
		{"a learning rate that is no number", []string{"-lr", "NaN"}, []string{"-lr NaN"}},
		{"a learning rate that is 0 as a float32", []string{"-lr", "1e-320"},
			[]string{"-lr 1e-320", "from 1.18e-38 to 3.4e+38"}},
		{"a learning rate that is denormal", []string{"-lr", "1.1e-38"}, []string{"-lr 1.1e-38"}},
		{"a learning rate that is infinite as a float32", []string{"-lr", "1e39"},
			[]string{"-lr 1e+39"}},
		{"more epochs than keys", []string{"-epochs", "2147483648"}, []string{"1 to 2147483647"}},
		{"negative threads", []string{"-threads", "-2"}, []string{"-threads -2"}},
		{"too many threads", []string{"-threads", "1000000"}, []string{"-threads 1000000", "1 to 1024"}},
		{"negative workers", []string{"-workers", "-2"}, []string{"-workers -2"}},
		{"too many workers", []string{"-workers", "1000000"}, []string{"-workers 1000000", "1 to 256"}},
		{"a GPU", []string{"-device", "cuda:0"}, []string{"-device cuda:0", "without CUDA"}},
		{"an unknown device", []string{"-device", "tpu"}, []string{`"tpu"`, "auto or cpu"}},
		{"an unknown data set", []string{"-data", "imagenet"}, []string{`"imagenet"`, "mnist"}},
		{"no data there", []string{"-data-dir", t.TempDir()}, []string{"train_images.npy"}},
		{"data of another shape", []string{"-data", "digits"},
			[]string{"1x28x28", "10 classes", "1x4x4", "in 3 classes"}},
		{"nothing to resume", []string{"-resume"}, []string{"last.safetensors", "no training to resume"}},
	}
	for _, test := range tests {
		t.Run(test.reason, func(t *testing.T) {
			args := []string{"train", "-data-dir", dataDir, "-run-dir", t.TempDir()}
			runTiny(append(args, test.args...)...).fails(t, 2, test.says...)
		})
	}
}

func TestSetSmallerThanBatch(t *testing.T) {
	spec := softmaxSpec("tiny", 64, 1, 4, 4, tinyClasses)
	r := runWith(context.Background(), spec, hooks{}, "train", "-data-dir", writeTiny(t),
		"-run-dir", t.TempDir())
	r.fails(t, 2, "64", "50")
}

// TestDigits trains on the data set that every trainer can do without a download.
func TestDigits(t *testing.T) {
	spec := softmaxSpec("tiny", 50, 1, 28, 28, 10)
	spec.Recipe.Data, spec.Recipe.LearningRate = "digits", 0.01
	spec.Recipe.Pipeline.Augment = nil
	dir := t.TempDir()
	r := runWith(context.Background(), spec, hooks{}, "train", "-epochs", "1", "-run-dir", dir,
		"-json")
	if accuracy := r.summary(t)["test_accuracy"].(float64); accuracy < 0.5 {
		t.Errorf("test accuracy %v of ten digits after an epoch, want at least 0.5", accuracy)
	}
	saved, err := openWeights(runDir(dir).best(), tinySpec())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
	if diff := cmp.Diff(want, saved.state.Classes); diff != "" {
		t.Errorf("names of the classes (-want +got):\n%s", diff)
	}
}
