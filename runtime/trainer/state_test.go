package trainer

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gradc/gradc/runtime/checkpoint"
)

// TestDamagedState changes a field of the state at a time. All commands that read it refuse it.
func TestDamagedState(t *testing.T) {
	dataDir, dir := writeTiny(t), t.TempDir()
	sha(t, "-data-dir", dataDir, "-run-dir", dir, "-max-steps", "8")
	saved, err := openTraining(runDir(dir).last(), tinySpec())
	if err != nil {
		t.Fatal(err)
	}
	var all []checkpoint.Tensor
	for _, name := range saved.file.Names() {
		tensor, _ := saved.file.Tensor(name)
		all = append(all, tensor)
	}
	for _, test := range []struct {
		field string
		value any
	}{
		{"step", int64(1) << 62}, {"step", -1}, {"step", 5}, {"step", 13}, {"epoch", -1}, {"epoch", 2},
		{"epoch", math.MaxInt64}, {"epochs", 0}, {"epochs", -3}, {"loss_sum", nil}, {"correct", -1},
		{"correct", 17}, {"best_accuracy", 5}, {"best_accuracy", -0.1}, {"best_step", 9},
		{"best_step", -1}, {"batch", 0}, {"batch", -8}, {"train_images", 7}, {"train_images", -50},
		{"learning_rate", 0}, {"learning_rate", 1e300}, {"learning_rate", 1e-320},
		{"seed", -1}, {"step", "many"}, {"loss_sum", -5}, {"digests", map[string]any{}},
		{"digests", json.RawMessage("null")}, {"digests", "none"},
	} {
		t.Run(fmt.Sprintf("%s %v", test.field, test.value), func(t *testing.T) {
			fields := map[string]any{}
			text := saved.file.Meta[trainingKey]
			if err := json.Unmarshal([]byte(text), &fields); err != nil {
				t.Fatal(err)
			}
			if _, there := fields[test.field]; !there {
				t.Fatal("there is no such field")
			}
			fields[test.field] = test.value
			changed, err := json.Marshal(fields)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			meta := map[string]string{netKey: "tiny", trainingKey: string(changed)}
			if err := checkpoint.Save(runDir(dir).last(), all, meta); err != nil {
				t.Fatal(err)
			}
			out := filepath.Join(t.TempDir(), "out")
			for _, args := range [][]string{
				{"train", "-resume", "-data-dir", dataDir, "-run-dir", dir, "-max-steps", "9", "-force"},
				{"eval", "-data-dir", dataDir, "-weights", runDir(dir).last(), "-force"},
				{"export", "-weights", runDir(dir).last(), "-o", out},
			} {
				r := runTiny(args...)
				if test.value == nil { // leaves the field as it begins
					r.done(t)
					continue
				}
				r.fails(t, 2, "last.safetensors", `metadata "training"`, test.field)
				if strings.Contains(r.errOut, "Go ") {
					t.Errorf("the message is about Go: %s", r.errOut)
				}
			}
		})
	}
}
