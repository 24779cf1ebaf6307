package cpu

import (
	"strings"
	"testing"
)

func TestChoose(t *testing.T) {
	tests := []struct {
		reason  string
		name    string
		highest Level
		want    Level
		err     string
	}{
		{"nothing asked for", "", AVX2, AVX2, ""},
		{"a lower level than the processor's", "avx2", AVX512, AVX2, ""},
		{"plain Go anywhere", "go", Go, Go, ""},
		{"more than the processor has", "avx512", AVX2, Go, "lacks these instructions; it has avx2"},
		{"no level of this name", "AVX2", AVX2, Go, "choose one of avx512, avx2, go"},
	}
	for _, test := range tests {
		got, err := choose(test.name, test.highest)
		if got != test.want || (err == nil) != (test.err == "") ||
			err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: got %s, %v", test.reason, got, err)
		}
	}
}

func TestChosenFollowsTheEnvironment(t *testing.T) {
	t.Setenv("GRADC_CPU", "go")
	if got := Chosen(); got != Go {
		t.Errorf("GRADC_CPU=go: level %s", got)
	}
	t.Setenv("GRADC_CPU", "none")
	if _, err := Best(); err == nil {
		t.Error("GRADC_CPU=none: no error")
	}
}
