package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWorthy(t *testing.T) {
	at := func(name string, percent float64) trial {
		return trial{Relative: percent / 100, command: command{name: name}}
	}
	broken := trial{Error: "compiled: no C++ compiler", command: command{name: "compiled"}}
	tests := []struct {
		reason string
		tried  []trial
		want   []string
	}{
		{"the best alone", []trial{at("a", 50), at("b", 100), at("c", 89)}, []string{"b"}},
		{"what is near it, the best first", []trial{at("a", 91), at("b", 100), at("c", 95)},
			[]string{"b", "c", "a"}},
		{"what works", []trial{broken, at("a", 10)}, []string{"a"}},
	}
	for _, test := range tests {
		t.Run(test.reason, func(t *testing.T) {
			list, err := worthy(test.tried)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, names(list)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	if list, err := worthy([]trial{broken}); err == nil || !strings.Contains(err.Error(), "no C++") {
		t.Errorf("nothing works: %v, %v", list, err)
	}
}

func TestSettings(t *testing.T) {
	o := options{python: "python", threads: 2, steps: 5, compile: true}
	want := []string{"contiguous", "channels_last", "compiled contiguous", "compiled channels_last"}
	list := o.settings("digits")
	if diff := cmp.Diff(want, names(list)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, c := range list {
		last := slices.Contains(c.args, "--channels-last")
		compile := slices.Contains(c.args, "--compile")
		if last != strings.Contains(c.name, "last") || compile != strings.Contains(c.name, "compiled") {
			t.Errorf("%s runs %q", c.name, c.args)
		}
	}
	o.compile = false
	if diff := cmp.Diff(want[:2], names(o.settings("digits"))); diff != "" {
		t.Errorf("without compiling (-want +got)\n%s", diff)
	}
}

func names(list []command) []string {
	var names []string
	for _, c := range list {
		names = append(names, c.name)
	}
	return names
}
