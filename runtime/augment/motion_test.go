package augment

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/runtime/philox"
)

// lists are augmentations in several orders.
func lists() map[string][]Augmentation {
	crop, flip := Crop{Padding: 3}, Flip{}
	return map[string][]Augmentation{
		"none":             nil,
		"crop":             {crop},
		"crop, flip":       {crop, flip},
		"flip, crop":       {flip, crop},
		"crop, crop":       {crop, crop},
		"crop, flip, crop": {crop, flip, crop},
		"flip, crop, flip": {flip, crop, flip},
	}
}

// TestOrder compares with what the augmentations do to the image one after the other.
func TestOrder(t *testing.T) {
	const h, w = 5, 6
	src := make([]byte, h*w)
	for i := range src {
		src[i] = byte(1 + i)
	}
	for name, list := range lists() {
		tr := prepared(t, list, h, w)
		for sample := range 300 {
			got, want := make([]float32, h*w), make([]float32, h*w)
			tr.Apply(got, src, 5, 1, sample, true)
			for i, pixel := range oneByOne(tr, src, 5, 1, sample) {
				want[i] = tr.values[0][pixel]
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s, sample %d (-want +got):\n%s", name, sample, diff)
			}
		}
	}
}

func prepared(t *testing.T, list []Augmentation, h, w int) *Transform {
	t.Helper()
	tr, err := (&Pipeline{Augment: list}).For(1, h, w)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// oneByOne applies each augmentation by itself to what the one before left.
func oneByOne(t *Transform, src []byte, seed uint64, epoch, sample int) []byte {
	image := slices.Clone(src)
	for i, a := range t.augment {
		random := philox.Key{Seed: seed, Purpose: philox.Augment, Site: t.sites[i]}.Stream(
			uint32(epoch), uint32(sample))
		m := a.move(motion{h: t.h, w: t.w}, random)
		next := make([]byte, len(image))
		for y := range t.h {
			for x := range t.w {
				fromY, fromX := y+m.dy, x+m.dx
				if m.flip {
					fromX = t.w - 1 - x
				}
				if fromY >= 0 && fromY < t.h && fromX >= 0 && fromX < t.w {
					next[y*t.w+x] = image[fromY*t.w+fromX]
				}
			}
		}
		image = next
	}
	return image
}

// draws returns what augmentation i of a list draws for some samples.
func draws(t *testing.T, list []Augmentation, i int) string {
	t.Helper()
	tr, s := prepared(t, list, 32, 32), ""
	for sample := range 64 {
		random := philox.Key{Seed: 1, Purpose: philox.Augment, Site: tr.sites[i]}.Stream(
			2, uint32(sample))
		s += fmt.Sprint(tr.augment[i].move(motion{h: 32, w: 32}, random))
	}
	return s
}

// TestStreams checks that what an augmentation draws depends on none of another kind, and that each
// has a stream of its own.
func TestStreams(t *testing.T) {
	crop, flip := Crop{Padding: 3}, Flip{}
	alone := draws(t, []Augmentation{crop}, 0)
	for _, c := range []struct {
		what string
		list []Augmentation
		at   int
		same bool
	}{
		{"a flip behind it", []Augmentation{crop, flip}, 0, true},
		{"a flip before it", []Augmentation{flip, crop}, 1, true},
		{"flips around it", []Augmentation{flip, crop, flip}, 1, true},
		{"another crop behind it", []Augmentation{crop, Crop{Padding: 1}}, 0, true},
		{"the second of two crops", []Augmentation{crop, crop}, 1, false},
	} {
		if got := draws(t, c.list, c.at) == alone; got != c.same {
			t.Errorf("%s: the same draws as a crop alone: %t, want %t", c.what, got, c.same)
		}
	}
	if draws(t, []Augmentation{flip}, 0) == draws(t, []Augmentation{flip, flip}, 1) {
		t.Error("two flips draw the same")
	}
}

// TestSites holds the sites: they are part of what makes a run reproducible.
func TestSites(t *testing.T) {
	crop, flip := Crop{}, Flip{}
	got := sites([]Augmentation{flip, crop, crop, flip, crop})
	if diff := cmp.Diff([]uint32{2, 1, 1 + 256, 2 + 256, 1 + 512}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
