package data

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gradc/gradc/runtime/augment"
)

// numbered is a set of n images of one class each modulo 7, whose pixels tell their index.
func numbered(n int) *Set {
	set := &Set{Name: "numbered", Channels: 3, Height: 4, Width: 5, Classes: 7}
	for i := range n {
		for j := range 60 {
			set.Images = append(set.Images, byte(i+j*j))
		}
		set.Labels = append(set.Labels, int32(i%7))
	}
	return set
}

func crops() *augment.Pipeline {
	return &augment.Pipeline{Augment: []augment.Augmentation{augment.Crop{Padding: 2}, augment.Flip{}}}
}

// rest copies the batches from here to the end of the epoch.
func rest(l *Loader) (batches []Batch) {
	for b := l.Next(); b != nil; b = l.Next() {
		copied := *b
		copied.Images, copied.Labels = slices.Clone(b.Images), slices.Clone(b.Labels)
		batches = append(batches, copied)
	}
	return batches
}

// epochs runs through epochs 0 to n-1.
func epochs(t *testing.T, l *Loader, n int) (batches []Batch) {
	t.Helper()
	for epoch := range n {
		if err := l.Start(epoch, 0); err != nil {
			t.Fatal(err)
		}
		batches = append(batches, rest(l)...)
	}
	return batches
}

func TestLoaderIsIndependentOfWorkers(t *testing.T) {
	for _, train := range []bool{true, false} {
		t.Run(fmt.Sprintf("train %v", train), func(t *testing.T) {
			set := numbered(103)
			var want []Batch
			for _, workers := range []int{1, 2, 3, 8} {
				l := NewLoader(set, crops(), 10, 42, train, workers)
				got := epochs(t, l, 3)
				l.Close()
				if want == nil {
					want = got
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%d workers make other batches than 1 (-1 +%d):\n%s", workers, workers, diff)
				}
			}
		})
	}
}

func TestLoaderResumes(t *testing.T) {
	set := numbered(103)
	through := NewLoader(set, crops(), 10, 42, true, 2)
	defer through.Close()
	all := epochs(t, through, 3)
	perEpoch := through.Batches()
	for first := range perEpoch + 1 {
		resumed := NewLoader(set, crops(), 10, 42, true, 3)
		if err := resumed.Start(2, first); err != nil {
			t.Fatal(err)
		}
		want := all[2*perEpoch+first:]
		// At the end of the epoch, nothing is left either way.
		if diff := cmp.Diff(want, rest(resumed), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("resumed at batch %d, the batches differ (-through +resumed):\n%s", first, diff)
		}
		resumed.Close()
	}
}

func TestLoaderShuffles(t *testing.T) {
	set := numbered(100)
	plain := &augment.Pipeline{}
	order := func(seed uint64, epoch int) (samples []int) {
		l := NewLoader(set, plain, 10, seed, true, 2)
		defer l.Close()
		if err := l.Start(epoch, 0); err != nil {
			t.Fatal(err)
		}
		for _, b := range rest(l) {
			for row := range b.N {
				sample := int(b.Images[row*60]*255 + 0.5)
				if b.Labels[row] != int32(sample%7) {
					t.Fatalf("image %d comes with label %d", sample, b.Labels[row])
				}
				samples = append(samples, sample)
			}
		}
		return samples
	}
	base := order(1, 0)
	sorted := slices.Sorted(slices.Values(base))
	for i, sample := range sorted {
		if i != sample {
			t.Fatalf("an epoch of 100 images has these: %v", sorted)
		}
	}
	for name, other := range map[string][]int{
		"no order": sorted, "another epoch's": order(1, 1), "another seed's": order(2, 0)} {
		if slices.Equal(base, other) {
			t.Errorf("the order of an epoch is %s", name)
		}
	}
}

func TestLoaderLastBatch(t *testing.T) {
	tests := []struct {
		images, batch int
		train         bool
		want          []int // valid rows of each batch
	}{
		{25, 10, true, []int{10, 10}},
		{25, 10, false, []int{10, 10, 5}},
		{20, 10, true, []int{10, 10}},
		{20, 10, false, []int{10, 10}},
		{3, 10, false, []int{3}},
		{3, 1, true, []int{1, 1, 1}},
	}
	for _, test := range tests {
		name := fmt.Sprintf("%d by %d train %v", test.images, test.batch, test.train)
		t.Run(name, func(t *testing.T) {
			set := numbered(test.images)
			l := NewLoader(set, &augment.Pipeline{Mean: []float32{9, 9, 9}}, test.batch, 1,
				test.train, 2)
			defer l.Close()
			var got []int
			for _, b := range epochs(t, l, 2)[len(test.want):] {
				if b.Index != len(got) {
					t.Errorf("batch %d says that it is number %d", len(got), b.Index)
				}
				got = append(got, b.N)
				checkPadding(t, &b)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("rows of the batches (-want +got):\n%s", diff)
			}
			if l.Batches() != len(test.want) {
				t.Errorf("Batches() = %d, want %d", l.Batches(), len(test.want))
			}
		})
	}
}

// checkPadding sees to it that the rows without a sample, and only they, are zero.
func checkPadding(t *testing.T, b *Batch) {
	t.Helper()
	for i, v := range b.Images {
		if row := i / 60; (row >= b.N) != (v == 0) {
			t.Fatalf("batch %d of %d samples: row %d holds %v", b.Index, b.N, row, v)
		}
	}
	for row, label := range b.Labels[b.N:] {
		if label != 0 {
			t.Errorf("batch %d: row %d of the padding has label %d", b.Index, b.N+row, label)
		}
	}
}

func TestLoaderInOrder(t *testing.T) {
	set := numbered(25)
	l := NewLoader(set, crops(), 10, 1, false, 3)
	defer l.Close()
	var labels []int32
	for _, b := range epochs(t, l, 1) {
		labels = append(labels, b.Labels[:b.N]...)
	}
	if diff := cmp.Diff(set.Labels, labels); diff != "" {
		t.Errorf("evaluation does not keep the order (-set +batches):\n%s", diff)
	}
}

func TestLoaderStartsAnewInTheMiddle(t *testing.T) {
	set := numbered(103)
	l := NewLoader(set, crops(), 10, 42, true, 3)
	defer l.Close()
	want := epochs(t, l, 2)[l.Batches():]
	for taken := range 5 {
		if err := l.Start(0, 1); err != nil {
			t.Fatal(err)
		}
		for range taken {
			l.Next()
		}
		if err := l.Start(1, 0); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, rest(l)); diff != "" {
			t.Errorf("after %d batches of another epoch (-want +got):\n%s", taken, diff)
		}
	}
}

func TestLoaderEdges(t *testing.T) {
	l := NewLoader(numbered(25), crops(), 10, 1, true, 2)
	if l.Next() != nil {
		t.Error("a batch comes before Start")
	}
	if err := l.Start(0, 0); err != nil {
		t.Fatal(err)
	}
	rest(l)
	if l.Next() != nil {
		t.Error("a batch comes after the end")
	}
	for _, first := range []int{-1, 3} {
		if err := l.Start(0, first); err == nil {
			t.Errorf("Start at batch %d of 2 succeeds", first)
		}
	}
	l.Close() // after the end
	l = NewLoader(numbered(25), crops(), 10, 1, true, 0)
	l.Close() // before Start
	l = NewLoader(numbered(250), crops(), 10, 1, true, 2)
	if err := l.Start(0, 0); err != nil {
		t.Fatal(err)
	}
	l.Next()
	l.Close() // in the middle
}

func TestLoaderTooFewImages(t *testing.T) {
	l := NewLoader(numbered(9), crops(), 10, 1, true, 1)
	defer l.Close()
	err := l.Start(0, 0)
	const want = "data set numbered has 9 images, not one batch of 10"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one with %q", err, want)
	}
}

func TestLoaderAllocatesNothing(t *testing.T) {
	l := NewLoader(numbered(103), crops(), 10, 1, true, 2)
	defer l.Close()
	epoch := 0
	if n := testing.AllocsPerRun(20, func() {
		if err := l.Start(epoch, 0); err != nil {
			t.Fatal(err)
		}
		for l.Next() != nil {
		}
		epoch++
	}); n != 0 {
		t.Errorf("%v allocations in an epoch, want none", n)
	}
}

// BenchmarkLoader tells how many CIFAR images a second come out of a loader of one goroutine.
func BenchmarkLoader(b *testing.B) {
	const images, batch = 10_000, 250
	set := &Set{Channels: 3, Height: 32, Width: 32, Images: make([]byte, images*3072),
		Labels: make([]int32, images)}
	for i := range set.Images {
		set.Images[i] = byte(i * 37)
	}
	p := &augment.Pipeline{Mean: []float32{0.4914, 0.4822, 0.4465},
		Std:     []float32{0.247, 0.2435, 0.2616},
		Augment: []augment.Augmentation{augment.Crop{Padding: 4}, augment.Flip{}}}
	l := NewLoader(set, p, batch, 1, true, 1)
	defer l.Close()
	b.ReportAllocs()
	epochs := 0
	for ; b.Loop(); epochs++ {
		if err := l.Start(epochs, 0); err != nil {
			b.Fatal(err)
		}
		for l.Next() != nil {
		}
	}
	b.ReportMetric(float64(epochs*images)/b.Elapsed().Seconds(), "images/s")
}
