package fuzznet

import "testing"

// TestReduce reduces a network of which a wide linear layer somewhere in a residual fails.
func TestReduce(t *testing.T) {
	wide := func(list []Layer) bool {
		for _, l := range list {
			if l.Kind == "Linear" && l.Size >= 272 {
				return true
			}
		}
		return false
	}
	fails := func(n *Network) bool {
		for _, l := range n.Layers {
			if l.Kind == "Residual" && wide(l.Body) {
				return n.Batch >= 3
			}
		}
		return false
	}
	n := Draw(3)
	n.Batch = 31
	n.Layers = []Layer{{Kind: "Conv2D", Size: 9, Kernel: [2]int{1, 1}}, {Kind: "ReLU"},
		{Kind: "Flatten"}, {Kind: "Linear", Size: 892}, {Kind: "BatchNorm"},
		{Kind: "Residual", Body: []Layer{{Kind: "SELU"}, {Kind: "Linear", Size: 892}}},
		{Kind: "Linear", Size: 30}}
	small, err := reduce(Failure{n, "go", ""}, nil, func(list []*Network) ([]Failure, error) {
		var found []Failure
		for _, c := range list {
			if fails(c) {
				found = append(found, Failure{c, "avx2", ""})
			}
		}
		return found, nil
	})
	must(t, err)
	const want = 600 // bytes of text
	if !fails(small.Network) || small.Network.Batch != 3 || len(small.Network.String()) > want {
		t.Errorf("reduced to %d bytes: %s", len(small.Network.String()), small.Network)
	}
}
