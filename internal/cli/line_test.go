package cli

import "testing"

func TestOneLine(t *testing.T) {
	tests := []struct{ reason, message, want string }{
		{"one line stays", "net.go:3: wrong", "net.go:3: wrong"},
		{"several become one", "net.go:3: wrong\nnet.go:4: wrong, too",
			"net.go:3: wrong; net.go:4: wrong, too"},
		{"line ends of other systems, empty lines", "a\r\n\r\nb\n", "a; b"},
		{"escape codes of a file's name", "open a\x1b[2J: gone", `open a\x1b[2J: gone`},
	}
	for _, test := range tests {
		if got := OneLine(test.message); got != test.want {
			t.Errorf("%s: %q, want %q", test.reason, got, test.want)
		}
	}
}
