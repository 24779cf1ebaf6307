package data

import "testing"

func TestDigest(t *testing.T) {
	set := func(change func(*Set)) *Set {
		s := &Set{Name: "npy", Channels: 1, Height: 2, Width: 1, Classes: 2,
			Images: make([]byte, 2*1500), Labels: make([]int32, 1500), ClassNames: []string{"0", "1"}}
		for i := range s.Images {
			s.Images[i] = byte(i)
		}
		change(s)
		return s
	}
	const want = "b842a94627e3622583924d1797e969533e5602b95184997843d34c5e3e955933"
	tests := []struct {
		reason string
		same   bool
		change func(*Set)
	}{
		{"nothing", true, func(*Set) {}},
		{"other names", true, func(s *Set) { s.Name, s.ClassNames = "folder", []string{"a", "b"} }},
		{"a pixel", false, func(s *Set) { s.Images[2999]++ }},
		{"a label", false, func(s *Set) { s.Labels[1499] = 1 }},
		{"another shape", false, func(s *Set) { s.Height, s.Width = 1, 2 }},
		{"images that are one less", false, func(s *Set) {
			s.Images, s.Labels = s.Images[:2998], s.Labels[:1499]
		}},
	}
	for _, test := range tests {
		if got := set(test.change).Digest(); (got == want) != test.same {
			t.Errorf("%s: digest %s, before %s", test.reason, got, want)
		}
	}
}
