package trainer

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/runtime/augment"
	"github.com/gradc/gradc/runtime/data"
)

// constantNet answers class 0 with a loss of 1 to every row, padding included.
type constantNet struct {
	Network
	spec   *Spec
	losses []float32
}

func (n *constantNet) Spec() *Spec              { return n.spec }
func (n *constantNet) Logits() []float32        { return make([]float32, n.spec.Batch*3) }
func (n *constantNet) Losses() []float32        { return n.losses }
func (n *constantNet) Infer([]float32, []int32) {}

func TestEvaluateLeavesPaddingOut(t *testing.T) {
	set := &data.Set{
		Name: "padded", Channels: 1, Height: 4, Width: 4, Classes: 3,
		Images: make([]byte, 10*16), Labels: []int32{0, 1, 2, 0, 1, 2, 0, 1, 2, 1},
	}
	loader := data.NewLoader(set, &augment.Pipeline{}, 8, 1, false, 1)
	defer loader.Close()
	n := &constantNet{spec: tinySpec(), losses: []float32{1, 1, 1, 1, 1, 1, 1, 1}}
	got, err := evaluate(context.Background(), n, loader, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := evaluation{accuracy: 0.3, loss: 1, images: 10}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(evaluation{})); diff != "" {
		t.Errorf("10 images in batches of 8 (-want +got):\n%s", diff)
	}
}

func TestBestIsTheFirstOfEqualEpochs(t *testing.T) {
	r := runTiny("train", "-data-dir", writeTiny(t), "-run-dir", t.TempDir(), "-epochs", "20",
		"-json")
	summary, equal := r.summary(t), []any{}
	for _, event := range r.events(t) {
		if event["event"] == "epoch" && event["test_accuracy"] == summary["best_accuracy"] {
			equal = append(equal, event["step"])
		}
	}
	if len(equal) < 2 {
		t.Fatalf("the best test accuracy, %v, came %d times; the test needs it twice",
			summary["best_accuracy"], len(equal))
	}
	if summary["best_step"] != equal[0] {
		t.Errorf("best after step %v; the same accuracy was reached after steps %v",
			summary["best_step"], equal)
	}
}
