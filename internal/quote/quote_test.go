package quote

import "testing"

func TestName(t *testing.T) {
	tests := []struct{ reason, name, want string }{
		{"a path", "data/train/über katze/1.png", "data/train/über katze/1.png"},
		{"a path of Windows", `C:\data\1.png`, `C:\data\1.png`},
		{"an escape code", "a\x1b[31m.png", `"a\x1b[31m.png"`},
		{"a line end", "a.png\nsaved", `"a.png\nsaved"`},
		{"a byte that is not UTF-8", "a\xff.png", `"a\xff.png"`},
		{"a turn of the direction of writing", "a\u202egnp.exe", `"a\u202egnp.exe"`},
		{"what looks like a message", "a.png: cat 99.0%", `"a.png: cat 99.0%"`},
		{"a quote", `a".png`, `"a\".png"`},
		{"blanks at the end", "a.png ", `"a.png "`},
		{"nothing", "", `""`},
	}
	for _, test := range tests {
		if got := Name(test.name); got != test.want {
			t.Errorf("%s: %s, want %s", test.reason, got, test.want)
		}
	}
}

func TestText(t *testing.T) {
	tests := []struct{ reason, text, want string }{
		{"what prints stays", `open "ä": no such file`, `open "ä": no such file`},
		{"control characters", "a\x1b[2J\tb\r\n\x00\u009b", `a\x1b[2J\tb\r\n\x00\u009b`},
		{"a byte that is not UTF-8, and the mark for one", "\xc3\ufffd", "\\xc3\ufffd"},
	}
	for _, test := range tests {
		if got := Text(test.text); got != test.want {
			t.Errorf("%s: %s, want %s", test.reason, got, test.want)
		}
	}
}
