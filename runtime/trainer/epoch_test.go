package trainer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/runtime/augment"
	"github.com/gradc/gradc/runtime/data"
	"github.com/gradc/gradc/runtime/initial"
	"github.com/gradc/gradc/runtime/parallel"
	"github.com/gradc/gradc/runtime/schedule"
)

// longSet makes an epoch of n batches of 8.
func longSet(n int) *data.Set {
	return &data.Set{
		Name: "long", Channels: 1, Height: 4, Width: 4, Classes: 3,
		Images: make([]byte, 8*n*16), Labels: make([]int32, 8*n),
	}
}

func newTestEpoch(t *testing.T, batches int) *Epoch {
	t.Helper()
	loader := data.NewLoader(longSet(batches), &augment.Pipeline{}, 8, 1, true, 1)
	t.Cleanup(loader.Close)
	if err := loader.Start(0, 0); err != nil {
		t.Fatal(err)
	}
	return &Epoch{
		ctx:      context.Background(),
		loader:   loader,
		schedule: schedule.Cosine{},
		rate:     0.1,
		total:    int64(batches),
		limit:    math.MaxInt64,
		classes:  3,
		tally:    new(tally),
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	e := newTestEpoch(t, 1000)
	pool := parallel.NewPool(2)
	defer pool.Close()
	n := softmaxBuild(tinySpec(), hooks{})(1, pool)
	allocations := testing.AllocsPerRun(500, func() {
		if !e.Next() {
			t.Fatal("the epoch is over")
		}
		loss := n.Step(e.Images(), e.Labels(), e.Step(), e.Rate())
		e.Done(loss, n.Logits())
	})
	if allocations != 0 {
		t.Errorf("a step allocates %v times", allocations)
	}
}

func TestEpochKeepsBooks(t *testing.T) {
	e := newTestEpoch(t, 5)
	e.limit = 4
	logits := make([]float32, 8*3) // equal values: the first class, which is the label
	logits[5] = 1                  // a wrong answer for the second image
	for e.Next() {
		e.Done(0.5, logits)
	}
	if diff := cmp.Diff(tally{Step: 4, LossSum: 2, Correct: 4 * 7}, *e.tally); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if e.Err() != nil {
		t.Errorf("the limit of steps is an error: %v", e.Err())
	}
}

func TestEpochStopsAtBadLoss(t *testing.T) {
	e := newTestEpoch(t, 5)
	logits := make([]float32, 8*3)
	steps := 0
	for e.Next() {
		loss := float32(1)
		if steps == 2 {
			loss = float32(math.Inf(-1))
		}
		steps++
		e.Done(loss, logits)
	}
	if steps != 3 || e.tally.Step != 2 {
		t.Errorf("%d steps taken, %d counted; want 3, of which the last does not count", steps,
			e.tally.Step)
	}
	if e.Err() == nil || !strings.HasPrefix(e.Err().Error(),
		"step 3 (epoch 1, batch 3 of 5): the loss is -Inf") {
		t.Errorf("error is %v", e.Err())
	}
}

func TestCountCorrect(t *testing.T) {
	nan := float32(math.NaN())
	tests := []struct {
		reason string
		logits []float32
		labels []int32
		want   int
	}{
		{"no rows", nil, nil, 0},
		{"right and wrong", []float32{0, 1, 2, 5, 4, 3}, []int32{2, 2}, 1},
		{"of equal values the first counts", []float32{1, 1, 0, 1, 1, 0}, []int32{0, 1}, 1},
		{"negative values", []float32{-3, -2, -1}, []int32{2}, 1},
		{"rows without labels are padding", []float32{0, 0, 1, 9, 9, 9}, []int32{2}, 1},
		{"not a number is no answer", []float32{nan, nan, nan}, []int32{1}, 0},
	}
	for _, test := range tests {
		if got := countCorrect(test.logits, test.labels, 3); got != test.want {
			t.Errorf("%s: %d, want %d", test.reason, got, test.want)
		}
	}
}

func TestWeightsSHA256(t *testing.T) {
	n := &softmaxNet{params: []float32{1, -2}, states: []float32{0.5}}
	bytes := []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0, 0x3f}
	sum := sha256.Sum256(bytes)
	if got := weightsSHA256(n); got != hex.EncodeToString(sum[:]) {
		t.Errorf("hash %s, want that of the little-endian bytes, %x", got, sum)
	}
	large := &softmaxNet{params: make([]float32, 5000), states: []float32{1}}
	zeros := append(make([]byte, 4*5000), 0, 0, 0x80, 0x3f)
	sum = sha256.Sum256(zeros)
	if got := weightsSHA256(large); got != hex.EncodeToString(sum[:]) {
		t.Errorf("hash %s of a block larger than the buffer, want %x", got, sum)
	}
}

func TestInitialise(t *testing.T) {
	n := softmaxBuild(tinySpec(), hooks{})(1, nil)
	n.Moments()[3] = 9
	n.States()[0] = 9
	Initialise(n, 5)
	weight := make([]float32, 48)
	initial.Fill(weight, tinySpec().Params[0].Init, 5, 0)
	if diff := cmp.Diff(append(weight, 0, 0, 0), n.Params()); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	if n.Moments()[3] != 0 || n.States()[0] != 0 {
		t.Errorf("moment %v, state %v; want zeros", n.Moments()[3], n.States()[0])
	}
}

func TestGrouped(t *testing.T) {
	tests := map[int64]string{0: "0", 999: "999", 1000: "1,000", 1199882: "1,199,882",
		-1: "-1", -123456: "-123,456"}
	for n, want := range tests {
		if got := grouped(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}
