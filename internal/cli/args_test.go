package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDoubleDashes(t *testing.T) {
	tests := []struct {
		reason     string
		args, want []string
	}{
		{"no arguments", []string{}, []string{}},
		{"a long flag", []string{"train", "-data", "mnist"}, []string{"train", "--data", "mnist"}},
		{"dashes within", []string{"-max-steps", "5"}, []string{"--max-steps", "5"}},
		{"a value behind =", []string{"-lr=1e-3"}, []string{"--lr=1e-3"}},
		{"two dashes already", []string{"--data", "mnist"}, []string{"--data", "mnist"}},
		{"a short flag", []string{"-h", "-o", "f"}, []string{"-h", "-o", "f"}},
		{"a short flag with =", []string{"-o=f"}, []string{"-o=f"}},
		{"a negative number", []string{"-seed", "-1"}, []string{"--seed", "-1"}},
		{"standard input", []string{"-"}, []string{"-"}},
		{"file names after --", []string{"-top", "2", "--", "-cat.png"},
			[]string{"--top", "2", "--", "-cat.png"}},
		{"a file name before --", []string{"-cat.png"}, []string{"-cat.png"}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, DoubleDashes(test.args)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.reason, diff)
		}
	}
}
