package trainer

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/gradc/gradc/runtime/checkpoint"
)

// interruptAt returns a context and hooks that cancel it before step n, or, if n is negative, in
// the first evaluation.
func interruptAt(n int64) (context.Context, hooks) {
	ctx, cancel := context.WithCancel(context.Background())
	if n < 0 {
		return ctx, hooks{infer: cancel}
	}
	return ctx, hooks{step: func(step int64, _ float32) {
		if step == n {
			cancel()
		}
	}}
}

func TestResumeEndsWithTheSameWeights(t *testing.T) {
	dataDir, whole := writeTiny(t), t.TempDir()
	want := sha(t, "-data-dir", dataDir, "-run-dir", whole)
	tests := []struct {
		reason string
		before int64 // the step interrupted; negative for an evaluation
		steps  int64 // saved: the step interrupted is finished
	}{
		{"in the first step", 0, 1},
		{"in the middle of an epoch", 8, 9},
		{"in the last step of an epoch", 5, 6},
		{"while evaluating", -1, 6},
		{"in the very last step", 17, 18},
	}
	for _, test := range tests {
		t.Run(test.reason, func(t *testing.T) {
			dir := t.TempDir()
			ctx, h := interruptAt(test.before)
			r := runWith(ctx, tinySpec(), h, "train", "-data-dir", dataDir, "-run-dir", dir)
			r.fails(t, 130, "interrupted", runDir(dir).last(), "-resume")
			saved, err := openTraining(runDir(dir).last(), tinySpec())
			if err != nil {
				t.Fatal(err)
			}
			if saved.state.Step != test.steps {
				t.Errorf("saved after step %d, want %d", saved.state.Step, test.steps)
			}
			got := sha(t, "-data-dir", dataDir, "-run-dir", dir, "-resume", "-threads", "2")
			if got != want {
				t.Errorf("weights %s, without the interruption %s", got, want)
			}
			for _, name := range []string{"best.safetensors", "last.safetensors"} {
				if readFile(t, filepath.Join(dir, name)) != readFile(t, filepath.Join(whole, name)) {
					t.Errorf("%s differs from that of the training without interruption", name)
				}
			}
		})
	}
}

func TestResumeTwice(t *testing.T) {
	dataDir, dir := writeTiny(t), t.TempDir()
	want := sha(t, "-data-dir", dataDir, "-run-dir", t.TempDir(), "-seed", "5", "-lr", "0.2")
	sha(t, "-data-dir", dataDir, "-run-dir", dir, "-max-steps", "4", "-seed", "5", "-lr", "0.2")
	sha(t, "-data-dir", dataDir, "-run-dir", dir, "-max-steps", "9", "-resume")
	// Seed and learning rate come from the checkpoint.
	if got := sha(t, "-data-dir", dataDir, "-run-dir", dir, "-resume"); got != want {
		t.Errorf("weights %s, in one go %s", got, want)
	}
}

func TestResumeOfCompleteTraining(t *testing.T) {
	dataDir, dir := writeTiny(t), t.TempDir()
	want := sha(t, "-data-dir", dataDir, "-run-dir", dir)
	summary := runTiny("train", "-data-dir", dataDir, "-run-dir", dir, "-resume", "-json").summary(t)
	if summary["weights_sha256"] != want || summary["steps"] != 18.0 {
		t.Errorf("a complete training went on: %v", summary)
	}
	summary = runTiny("train", "-data-dir", dataDir, "-run-dir", dir, "-resume", "-epochs", "4",
		"-json").summary(t)
	if summary["steps"] != 24.0 {
		t.Errorf("-epochs 4 went on to step %v, want 24", summary["steps"])
	}
}

func TestResumeWithoutBest(t *testing.T) {
	dataDir, dir := writeTiny(t), t.TempDir()
	sha(t, "-data-dir", dataDir, "-run-dir", dir, "-epochs", "8")
	best := runDir(dir).best()
	if err := os.Remove(best); err != nil {
		t.Fatal(err)
	}
	sha(t, "-data-dir", dataDir, "-run-dir", dir, "-resume", "-epochs", "9")
	if !exists(best) {
		t.Error("no best weights after a training that was resumed without")
	}
}

func TestInterruptBeforeTheFirstStepLeavesEarlierTraining(t *testing.T) {
	dataDir, dir := writeTiny(t), t.TempDir()
	sha(t, "-data-dir", dataDir, "-run-dir", dir)
	before := readFile(t, runDir(dir).last())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r := runWith(ctx, tinySpec(), hooks{}, "train", "-data-dir", dataDir, "-run-dir", dir)
	r.fails(t, 130, "interrupted", "nothing was written")
	if readFile(t, runDir(dir).last()) != before {
		t.Error("the earlier training is gone")
	}
}

func TestInterruptedTrainingLeavesNoOtherBest(t *testing.T) {
	dataDir, dir := writeTiny(t), t.TempDir()
	sha(t, "-data-dir", dataDir, "-run-dir", dir)
	ctx, h := interruptAt(2)
	runWith(ctx, tinySpec(), h, "train", "-data-dir", dataDir, "-run-dir", dir).fails(t, 130)
	for _, path := range []string{runDir(dir).best(), runDir(dir).summary()} {
		if exists(path) {
			t.Errorf("%s is of an earlier training than last.safetensors", path)
		}
	}
}

func TestResumeErrors(t *testing.T) {
	dataDir, dir := writeTiny(t), t.TempDir()
	sha(t, "-data-dir", dataDir, "-run-dir", dir, "-max-steps", "4")
	good := readFile(t, runDir(dir).last())
	other := writeTiny(t)
	writeNPY(t, filepath.Join(other, "train_images.npy"), "(9, 4, 4)", make([]byte, 9*16))
	writeNPY(t, filepath.Join(other, "train_labels.npy"), "(9,)", []byte{0, 1, 2, 0, 1, 2, 0, 1, 2})

	wrongName, wrongBatch, wrongMoments := tinySpec(), tinySpec(), tinySpec()
	wrongName.Name = "large"
	wrongBatch.Batch = 7
	wrongMoments.Moments = []string{"exp_avg"}
	tests := []struct {
		reason string
		spec   *Spec
		last   string
		args   []string
		says   string
	}{
		{"another seed", tinySpec(), good, []string{"-seed", "2"}, "-seed was 1, is 2"},
		{"more or less data", tinySpec(), good, []string{"-data-dir", other}, "50 images, not 9"},
		{"another batch size", wrongBatch, good, nil, "batches of 8, not 7"},
		{"another optimizer", wrongMoments, good, nil, "optimizer.exp_avg.linear"},
		{"a checkpoint cut short", tinySpec(), good[:len(good)-5], nil, "last.safetensors"},
		{"not a checkpoint", tinySpec(), "weights", nil, "last.safetensors"},
		{"an empty file", tinySpec(), "", nil, "last.safetensors"},
	}
	for _, test := range tests {
		t.Run(test.reason, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(runDir(dir).last(), []byte(test.last), 0o666); err != nil {
				t.Fatal(err)
			}
			args := []string{"train", "-data-dir", dataDir, "-run-dir", dir, "-resume"}
			r := runWith(context.Background(), test.spec, hooks{}, append(args, test.args...)...)
			r.fails(t, 2, test.says)
			if readFile(t, runDir(dir).last()) != test.last {
				t.Error("the failed resume changed the checkpoint")
			}
		})
	}
	t.Run("another network", func(t *testing.T) {
		r := runWith(context.Background(), wrongName, hooks{}, "train", "-data-dir", dataDir,
			"-run-dir", dir, "-resume")
		want := "large: " + runDir(dir).last() + ": the weights are of something else: " +
			"the network was tiny, is large; -force goes on all the same\n"
		if r.code != 2 || r.errOut != want {
			t.Errorf("exit code %d, standard error %q, want %q", r.code, r.errOut, want)
		}
	})
	t.Run("weights of another program", func(t *testing.T) {
		dir := t.TempDir()
		if err := checkpoint.Save(runDir(dir).last(), nil, nil); err != nil {
			t.Fatal(err)
		}
		runTiny("train", "-data-dir", dataDir, "-run-dir", dir, "-resume").fails(t, 2, "state")
	})
}
