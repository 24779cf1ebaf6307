package fuzznet

import "testing"

// TestDraw wants sizes to reach both ends of what is drawn, in valid networks.
func TestDraw(t *testing.T) {
	var batches, pixels, channels, features [2]int
	note := func(ends *[2]int, size int) {
		if ends[0] == 0 || size < ends[0] {
			ends[0] = size
		}
		ends[1] = max(ends[1], size)
	}
	var layers func(list []Layer)
	layers = func(list []Layer) {
		for _, l := range list {
			switch l.Kind {
			case "Conv2D":
				note(&channels, l.Size)
			case "Linear":
				note(&features, l.Size)
			}
			layers(l.Body)
			layers(l.Other)
		}
	}
	for seed := range uint64(2000) {
		n := Draw(seed)
		if n.String() != Draw(seed).String() {
			t.Fatalf("seed %d yields two networks", seed)
		}
		note(&batches, n.Batch)
		note(&pixels, n.Image[1])
		note(&pixels, n.Image[2])
		layers(n.Layers)
	}
	for _, size := range []struct {
		what string
		ends [2]int
		most int
	}{{"batches", batches, mostBatch}, {"pixels", pixels, mostPixels},
		{"channels", channels, mostChannels}, {"features", features, mostFeatures}} {
		if size.ends[0] != 1 || size.ends[1] < size.most*9/10 {
			t.Errorf("%s are from %d to %d, want 1 to %d", size.what, size.ends[0], size.ends[1],
				size.most)
		}
	}
}
