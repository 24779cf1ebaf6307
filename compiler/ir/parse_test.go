package ir_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
)

func TestTextReadsBack(t *testing.T) {
	if diff := cmp.Diff(network, ir.Format(parse(t, network))); diff != "" {
		t.Errorf("the text form changes when it is read and written (-want +got):\n%s", diff)
	}
}

func TestParseSkipsCommentsAndSpace(t *testing.T) {
	text := "\n// a comment\n  " + strings.ReplaceAll(network, "\n", "\n\n\t")
	if diff := cmp.Diff(network, ir.Format(parse(t, text))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseErrors(t *testing.T) {
	const x = "x: f32[2] = input() shape=[2]\n"
	for _, c := range []struct{ text, want string }{
		{"graph tiny", `line 1: graph: want "name" "file:line"`},
		{`graph "a" "b" "c"`, `line 1: graph: want "name" "file:line"`},
		{"recipe batch=many", "line 1: recipe batch=many: strconv.Atoi"},
		{"recipe size=3", "line 1: recipe size=3: unknown field"},
		{`recipe data="x`, "line 1: unfinished string"},
		{"optimizer", "line 1: a name is missing"},
		{"optimizer adam beta1=x", "line 1: adam beta1=x: strconv.ParseFloat"},
		{"normalize mean=[a]", "line 1: normalize mean: strconv.ParseFloat"},
		{"normalize max=[1]", "line 1: normalize: unknown field max"},
		{"normalize mean=[1,2] std=[1]", "line 1: normalize: 2 means, but 1 standard deviations"},
		{"output y", `line 1: want name = value, have "y"`},
		{"output y = x", "line 1: no value is named x"},
		{"gradient x = x", "line 1: no value is named x"},
		{x + "update y = x", "line 2: no value is named y"},
		{"x", `line 1: want name: type = op(args), have "x"`},
		{"x: f32[2]", "line 1: x: no operation"},
		{"x: f32[2] = input", "line 1: x: want op(args)"},
		{"x: f32[2] = inputs()", `line 1: x: no operation is named "inputs"`},
		{"x: f32[0] = input() shape=[0]", `line 1: x: type "f32[0]": size "0" is not a positive`},
		{x + x, "line 2: x is defined twice"},
		{x + "y: f32[2] = relu(z)", "line 2: y: no value is named z"},
		{"x: f32[2] = input() shape=2", "line 1: x: attribute shape: 2 is not of the form [1,2]"},
		{"x: f32[2] = input() shape=[2] scale=3", "line 1: x: unknown attribute scale"},
		{"x: f32[2] = input() shape=[2] shape=[2]", "line 1: x: attribute shape is given twice"},
		{"x: f32[2] = map() shape=[2] body=1", "line 1: x: attribute body: 1 is not a quoted string"},
		{`x: f32[2] = map() shape=[2] body="1+"`, "line 1: x: attribute body: expression"},
		{"x: f32[2] = input() shape=[2] @x", `line 1: x: want @layer pass "file:line"`},
		{`x: f32[2] = input() shape=[2] @x sideways ""`, `line 1: x: unknown pass "sideways"`},
		{"x: f32[2] = input() shape=[2] @x forward y", "line 1: x: invalid syntax"},
		{"x: f32[2] = input()", `input "x": attribute shape is missing`},
		{"x: f32[3] = input() shape=[2]", `input "x": type f32[3], but the operation yields f32[2]`},
	} {
		_, err := ir.Parse(c.text, op.All())
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %s", c.text, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(network)
	for _, line := range strings.Split(network, "\n") {
		f.Add(line)
	}
	f.Add("x: f32[2,2] = input() shape=[2,2]\ny: f32[2,2] = map(x, x) shape=[2,2] " +
		"body=\"x0 + x1\" @l backward \"f:1\"\noutput y = y\nupdate x = y\n")
	ops := fewOps()
	f.Fuzz(func(t *testing.T, text string) {
		g, err := ir.Parse(text, ops)
		if err != nil {
			return
		}
		once := ir.Format(g)
		back, err := ir.Parse(once, ops)
		if err != nil {
			t.Fatalf("%q was read, but not its form %q: %v", text, once, err)
		}
		if twice := ir.Format(back); twice != once {
			t.Fatalf("%q reads back as %q", once, twice)
		}
	})
}
