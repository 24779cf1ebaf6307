package trainer

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWeightsKnowTheirNetwork changes one thing at a time in a network whose tensors stay.
func TestWeightsKnowTheirNetwork(t *testing.T) {
	dataDir, dir := writeTiny(t), t.TempDir()
	sha(t, "-data-dir", dataDir, "-run-dir", dir, "-max-steps", "4")
	picture := filepath.Join(t.TempDir(), "0.png")
	writeImage(t, picture, barImage(0, 170, 60))
	good := readFile(t, runDir(dir).last())
	tests := []struct {
		reason      string
		change      func(*Spec)
		evaluates   string // what eval and predict refuse; empty if they do not mind
		trainsOther string // what -resume refuses
	}{
		{"nothing", func(*Spec) {}, "", ""},
		{"the inference graph", func(s *Spec) { s.Digests.Inference = "relu" },
			"the inference graph was another", "the inference graph was another"},
		{"the training graph", func(s *Spec) { s.Digests.Training = "no dropout" },
			"", "the training graph was another"},
		{"both graphs", func(s *Spec) { s.Digests.Inference, s.Digests.Training = "a", "b" },
			"the inference graph was another", "the inference graph was another"},
		{"normalisation", func(s *Spec) { s.Digests.Normalize = "" },
			"the normalisation was mean=[0.5] std=[0.5], is none",
			"the normalisation was mean=[0.5] std=[0.5], is none"},
		{"augmentation", func(s *Spec) { s.Digests.Augment = "random_crop padding=2" },
			"", "the augmentation was horizontal_flip, is random_crop padding=2"},
		{"the loss", func(s *Spec) { s.Digests.Loss = "focal_loss" },
			"", "the loss was cross_entropy, is focal_loss"},
		{"the optimizer", func(s *Spec) { s.Digests.Optimizer = "sgd momentum=0.8" },
			"", "the optimizer was sgd momentum=0.9, is sgd momentum=0.8"},
		{"the schedule", func(s *Spec) { s.Digests.Schedule = "constant" },
			"", "the schedule was cosine, is constant"},
		{"the network's name", func(s *Spec) { s.Name = "large" },
			"the network was tiny, is large", "the network was tiny, is large"},
	}
	for _, test := range tests {
		spec := tinySpec()
		test.change(spec)
		for _, command := range []struct {
			args    []string
			refuses string
		}{
			{[]string{"eval", "-data-dir", dataDir, "-weights", runDir(dir).last()}, test.evaluates},
			{[]string{"predict", "-weights", runDir(dir).last(), picture}, test.evaluates},
			{[]string{"train", "-data-dir", dataDir, "-run-dir", dir, "-resume"}, test.trainsOther},
		} {
			t.Run(command.args[0]+" after a change of "+test.reason, func(t *testing.T) {
				if err := os.WriteFile(runDir(dir).last(), []byte(good), 0o666); err != nil {
					t.Fatal(err)
				}
				r := runWith(context.Background(), spec, hooks{}, command.args...)
				if command.refuses == "" {
					r.done(t)
					return
				}
				want := fmt.Sprintf("%s: %s: the weights are of something else: %s; "+
					"-force goes on all the same\n", spec.Name, runDir(dir).last(), command.refuses)
				if r.code != exitError || r.errOut != want || r.out != "" {
					t.Errorf("exit code %d, %q, %q; want %q", r.code, r.out, r.errOut, want)
				}
				if readFile(t, runDir(dir).last()) != good {
					t.Error("the weights are others")
				}
				runWith(context.Background(), spec, hooks{}, append(command.args, "-force")...).done(t)
			})
		}
	}
}

func TestExportKeepsDigests(t *testing.T) {
	dataDir, dir := writeTiny(t), t.TempDir()
	sha(t, "-data-dir", dataDir, "-run-dir", dir, "-max-steps", "4")
	other := tinySpec()
	other.Digests.Inference = "relu"
	out := filepath.Join(t.TempDir(), "w.safetensors")
	runWith(context.Background(), other, hooks{}, "export", "-weights", runDir(dir).last(),
		"-o", out).done(t)
	runTiny("eval", "-data-dir", dataDir, "-weights", out).done(t)
	runWith(context.Background(), other, hooks{}, "eval", "-data-dir", dataDir, "-weights", out).
		fails(t, 2, "inference graph")
}

func TestResumeOnOtherData(t *testing.T) {
	dataDir := writeTiny(t)
	other := func(name string, at int) string {
		dir := writeTiny(t)
		path := filepath.Join(dir, name)
		contents := []byte(readFile(t, path))
		contents[len(contents)-1-at]++
		if err := os.WriteFile(path, contents, 0o666); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	for _, test := range []struct{ reason, dir, says string }{
		{"a pixel", other("train_images.npy", 77), "the training images or their labels were others"},
		{"a label", other("train_labels.npy", 1), "the training images or their labels were others"},
		{"a test image", other("test_images.npy", 0), "the test images or their labels were others"},
	} {
		t.Run(test.reason, func(t *testing.T) {
			dir := t.TempDir()
			sha(t, "-data-dir", dataDir, "-run-dir", dir, "-max-steps", "4")
			args := []string{"train", "-data-dir", test.dir, "-run-dir", dir, "-resume"}
			runTiny(args...).fails(t, 2, test.says, "-force")
			runTiny(append(args, "-force")...).done(t)
			// What went on is of the data that it went on with.
			runTiny(append(args, "-epochs", "4")...).done(t)
		})
	}
}

// TestClassesThatAreRenamed renames a folder, which permutes the labels of the others.
func TestClassesThatAreRenamed(t *testing.T) {
	dataDir, dir := t.TempDir(), t.TempDir()
	for i, class := range []string{"a", "b", "c"} {
		for _, split := range []string{"train", "test"} {
			for k := range 8 {
				path := filepath.Join(dataDir, split, class, fmt.Sprintf("%d.png", k))
				writeImage(t, path, barImage(i, uint8(150+10*k), 60))
			}
		}
	}
	flags := []string{"-data", "folder", "-data-dir", dataDir}
	sha(t, append(flags, "-run-dir", dir, "-max-steps", "4")...)
	for _, split := range []string{"train", "test"} {
		if err := os.Rename(filepath.Join(dataDir, split, "a"),
			filepath.Join(dataDir, split, "dog")); err != nil {
			t.Fatal(err)
		}
	}
	says := []string{`class 0 was "a", is "b"; class 1 was "b", is "c"; class 2 was "c", is "dog"`}
	eval := append([]string{"eval", "-weights", runDir(dir).best()}, flags...)
	runTiny(eval...).fails(t, 2, says...)
	runTiny(append(eval, "-force")...).done(t)
	train := append([]string{"train", "-run-dir", dir, "-resume"}, flags...)
	runTiny(train...).fails(t, 2, append(says, "the training images or their labels")...)
	runTiny(append(train, "-force")...).done(t)
}

func TestClassesDiffer(t *testing.T) {
	tests := []struct {
		reason   string
		was, are []string
		want     []string
	}{
		{"the same", []string{"a", "b"}, []string{"a", "b"}, nil},
		{"of another program", nil, []string{"a", "b"}, nil},
		{"told by the weights alone", []string{"a", "b"}, nil, nil},
		{"fewer names than classes", []string{"a"}, nil, []string{"there were 1 classes, are 2"}},
		{"a name", []string{"a", "b"}, []string{"a", "\x1b"}, []string{`class 1 was "b", is "\x1b"`}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, classesDiffer(test.was, test.are, 2)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.reason, diff)
		}
	}
	many := strings.Split("abcdefgh", "")
	got := classesDiffer(many, strings.Split("bcdefghi", ""), 8)
	if len(got) != maxChanges+1 || got[maxChanges] != "5 more classes changed" {
		t.Errorf("of many classes: %q", got)
	}
}
