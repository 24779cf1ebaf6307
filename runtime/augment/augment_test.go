package augment_test

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/runtime/augment"
)

// ramp is an image in which every pixel differs from its neighbours.
func ramp(c, h, w int) []byte {
	image := make([]byte, c*h*w)
	for i := range image {
		image[i] = byte(1 + i*37%255)
	}
	return image
}

// reference moves and normalises pixel by pixel, in float64.
func reference(p *augment.Pipeline, src []byte, c, h, w, dy, dx int, flip bool) []float64 {
	var out []float64
	for ch := range c {
		for y := range h {
			for x := range w {
				if flip {
					x = w - 1 - x
				}
				pixel := 0.0
				if fy, fx := y+dy, x+dx; fy >= 0 && fy < h && fx >= 0 && fx < w {
					pixel = float64(src[(ch*h+fy)*w+fx])
				}
				out = append(out, (pixel/255-float64(p.Mean[ch]))/float64(p.Std[ch]))
			}
		}
	}
	return out
}

// cropAndFlip are the usual augmentations.
func cropAndFlip(padding int) []augment.Augmentation {
	return []augment.Augmentation{augment.Crop{Padding: padding}, augment.Flip{}}
}

// transform prepares a pipeline that is right.
func transform(t testing.TB, p *augment.Pipeline, c, h, w int) *augment.Transform {
	t.Helper()
	prepared, err := p.For(c, h, w)
	if err != nil {
		t.Fatal(err)
	}
	return prepared
}

func distance(got []float32, want []float64) float64 {
	worst := 0.0
	for i, v := range want {
		worst = max(worst, math.Abs(float64(got[i])-v))
	}
	return worst
}

func TestNormalise(t *testing.T) {
	p := &augment.Pipeline{Mean: []float32{0.1307, 0.5, 0.25}, Std: []float32{0.3081, 0.25, 1},
		Augment: cropAndFlip(2)}
	src := ramp(3, 5, 7)
	got := make([]float32, len(src))
	transform(t, p, 3, 5, 7).Apply(got, src, 1, 2, 3, false)
	want := reference(p, src, 3, 5, 7, 0, 0, false)
	if d := distance(got, want); d > 1e-6 {
		t.Errorf("normalised image is %g off", d)
	}
}

func TestNoMeanNoStd(t *testing.T) {
	got := make([]float32, 2)
	transform(t, new(augment.Pipeline), 1, 1, 2).Apply(got, []byte{0, 255}, 0, 0, 0, true)
	if got[0] != 0 || math.Abs(float64(got[1])-1) > 1e-6 {
		t.Errorf("pixels 0 and 255 become %v, want 0 and 1", got)
	}
}

// Every result of training must be one of the motions that the pipeline allows, and over many
// samples every motion must occur, about as often as the others.
func TestMotions(t *testing.T) {
	tests := []struct{ c, h, w, crop int }{
		{1, 4, 4, 1},
		{3, 6, 5, 2},
		{1, 3, 18, 2},
		{1, 1, 1, 1}, // some crops hold nothing of the image
		{2, 3, 2, 3}, // a border wider than the image
	}
	for _, test := range tests {
		for _, flip := range []bool{false, true} {
			name := fmt.Sprintf("%dx%dx%d crop %d flip %v", test.c, test.h, test.w, test.crop, flip)
			t.Run(name, func(t *testing.T) {
				p := &augment.Pipeline{Mean: []float32{0.5, 0.4, 0.3}[:test.c],
					Std:     []float32{0.25, 0.2, 0.3}[:test.c],
					Augment: []augment.Augmentation{augment.Crop{Padding: test.crop}}}
				if flip {
					p.Augment = append(p.Augment, augment.Flip{})
				}
				checkMotions(t, p, test.crop, test.c, test.h, test.w)
			})
		}
	}
}

func checkMotions(t *testing.T, p *augment.Pipeline, crop, c, h, w int) {
	flip := len(p.Augment) > 1
	src := ramp(c, h, w)
	var motions [][]float64
	for dy := -crop; dy <= crop; dy++ {
		for dx := -crop; dx <= crop; dx++ {
			motions = append(motions, reference(p, src, c, h, w, dy, dx, false))
			if flip {
				motions = append(motions, reference(p, src, c, h, w, dy, dx, true))
			}
		}
	}
	const each = 40
	dst := make([]float32, len(src))
	moved := transform(t, p, c, h, w)
	counts := make([]int, len(motions))
	for sample := range each * len(motions) {
		moved.Apply(dst, src, 7, 3, sample, true)
		found := false
		for i, want := range motions {
			if distance(dst, want) < 1e-5 {
				counts[i]++
				found = true
			}
		}
		if !found {
			t.Fatalf("sample %d is no allowed motion of the image: %v", sample, dst)
		}
	}
	for i, n := range counts {
		if n < each/4 { // nearly five standard deviations
			t.Errorf("motion %d occurs %d times, want about %d", i, n, each)
		}
	}
}

func TestKeys(t *testing.T) {
	p := transform(t, &augment.Pipeline{Augment: cropAndFlip(8)}, 1, 32, 32)
	src := ramp(1, 32, 32)
	apply := func(seed uint64, epoch, sample int) []float32 {
		dst := make([]float32, len(src))
		p.Apply(dst, src, seed, epoch, sample, true)
		return dst
	}
	base := apply(1, 2, 3)
	if diff := cmp.Diff(base, apply(1, 2, 3)); diff != "" {
		t.Errorf("the same key gives another image:\n%s", diff)
	}
	for _, other := range []struct {
		name          string
		seed          uint64
		epoch, sample int
	}{{"seed", 2, 2, 3}, {"epoch", 1, 4, 3}, {"sample", 1, 2, 5}} {
		if cmp.Equal(base, apply(other.seed, other.epoch, other.sample)) {
			t.Errorf("another %s gives the same image", other.name)
		}
	}
}

func TestCheck(t *testing.T) {
	nan := float32(math.NaN())
	tests := []struct {
		name     string
		pipeline augment.Pipeline
		want     string // part of the message, "" if the pipeline is right
	}{
		{"empty", augment.Pipeline{}, ""},
		{"full", augment.Pipeline{Mean: []float32{0, 0, 0}, Std: []float32{1, 1, 1},
			Augment: cropAndFlip(4)}, ""},
		{"means", augment.Pipeline{Mean: []float32{0}}, "1 values of the mean for images of 3"},
		{"stds", augment.Pipeline{Std: []float32{1, 1}}, "2 values of the standard deviation"},
		{"zero std", augment.Pipeline{Std: []float32{1, 0, 1}}, "channel 1 is 0"},
		{"nan std", augment.Pipeline{Std: []float32{1, 1, nan}}, "channel 2 is NaN"},
		{"crop", augment.Pipeline{Augment: cropAndFlip(-1)},
			"augmentation 0: a padding of -1 pixels; it must be 0 or more"},
		{"nil", augment.Pipeline{Augment: []augment.Augmentation{augment.Flip{}, nil}},
			"augmentation 1 is nil"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.pipeline.Check(3)
			if test.want == "" && err != nil {
				t.Errorf("unwanted error: %v", err)
			}
			if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

// cifar is the usual training pipeline of CIFAR-10: cut out of a border of 4, mirrored,
// normalised.
func cifar(t testing.TB) *augment.Transform {
	p := &augment.Pipeline{Mean: []float32{0.4914, 0.4822, 0.4465},
		Std: []float32{0.247, 0.2435, 0.2616}, Augment: cropAndFlip(4)}
	return transform(t, p, 3, 32, 32)
}

func TestApplyAllocatesNothing(t *testing.T) {
	p := cifar(t)
	src := ramp(3, 32, 32)
	dst := make([]float32, len(src))
	if n := testing.AllocsPerRun(100, func() { p.Apply(dst, src, 1, 2, 3, true) }); n != 0 {
		t.Errorf("%v allocations for one image, want none", n)
	}
}

// TestBits holds the images of a training to the bit: weights of earlier runs are made again.
func TestBits(t *testing.T) {
	p := cifar(t)
	src := ramp(3, 32, 32)
	dst := make([]float32, len(src))
	hash := fnv.New64a()
	for sample := range 100 {
		p.Apply(dst, src, 1, 2, sample, true)
		for _, v := range dst {
			hash.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
		}
	}
	if got, want := hash.Sum64(), uint64(0x6711f8e576bc5599); got != want {
		t.Errorf("the hash of 100 images is %#x, want %#x", got, want)
	}
}

// BenchmarkApply tells how many CIFAR images a second one goroutine prepares for training, out of
// a set that is larger than the caches.
func BenchmarkApply(b *testing.B) {
	p := cifar(b)
	const images, size = 10_000, 3 * 32 * 32
	set, batch := ramp(images*3, 32, 32), make([]float32, 256*size)
	b.ReportAllocs()
	i := 0
	for ; b.Loop(); i++ {
		row, sample := i%256*size, i*7919%images
		p.Apply(batch[row:row+size], set[sample*size:(sample+1)*size], 1, 0, sample, true)
	}
	b.ReportMetric(float64(i)/b.Elapsed().Seconds(), "images/s")
}
