package report

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type record struct {
	Event string  `json:"event"`
	Loss  float64 `json:"loss"`
	text  string
}

func (r record) String() string { return r.text }

func TestWrite(t *testing.T) {
	full := record{Event: "a<b", Loss: 0.5, text: "loss 0.5"}
	tests := []struct {
		reason string
		json   bool
		record record
		want   string
	}{
		{"text shows the String", false, full, "loss 0.5\n"},
		{"JSON shows the fields, unescaped", true, full, `{"event":"a<b","loss":0.5}` + "\n"},
		{"an empty text is no line", false, record{Event: "quiet"}, ""},
		{"an empty text is a JSON line all the same", true, record{}, `{"event":"","loss":0}` + "\n"},
	}
	for _, test := range tests {
		t.Run(test.reason, func(t *testing.T) {
			var out bytes.Buffer
			if err := New(&out, io.Discard, test.json).Write(test.record); err != nil {
				t.Fatal(err)
			}
			if out.String() != test.want {
				t.Errorf("wrote %q, want %q", out.String(), test.want)
			}
		})
	}
}

type broken struct{}

var errBroken = errors.New("no space left on device")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestWriteTellsBrokenOutput(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		err := New(broken{}, io.Discard, asJSON).Write(record{text: "x"})
		if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "standard output") {
			t.Errorf("json=%v: error is %v", asJSON, err)
		}
	}
}

func TestNoBarWithoutTerminal(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, w := range []io.Writer{file, &bytes.Buffer{}} {
		bar := New(io.Discard, w, false).Bar("epoch 1/2", 0, 10)
		if bar != nil {
			t.Errorf("a bar on %T, which is no terminal", w)
		}
		bar.Add() // a nil bar takes calls
		bar.Close()
	}
}

func TestBarDrawsAndClears(t *testing.T) {
	var screen bytes.Buffer
	r := &Report{out: io.Discard, bars: &screen}
	bar := r.Bar("epoch 1/2", 3, 10)
	bar.Add()
	bar.Close()
	drawn := screen.String()
	if !strings.Contains(drawn, "epoch 1/2") {
		t.Errorf("the label is missing in %q", drawn)
	}
	if !strings.HasSuffix(strings.TrimRight(drawn, " "), "\r") {
		t.Errorf("the line is not cleared at the end: %q", drawn)
	}
}

func TestBarAddAllocatesNothing(t *testing.T) {
	r := &Report{out: io.Discard, bars: io.Discard}
	bar := r.Bar("epoch", 0, 1<<30)
	bar.Close() // stop drawing, which allocates
	if n := testing.AllocsPerRun(100, bar.Add); n != 0 {
		t.Errorf("Add allocates %v times", n)
	}
}
