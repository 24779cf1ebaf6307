package host

import (
	"bytes"
	"strings"
	"testing"

	"github.com/dave/jennifer/jen"
	"github.com/google/go-cmp/cmp"
)

// source renders code as a file.
func source(t *testing.T, c *Code) string {
	t.Helper()
	f := jen.NewFile("main")
	for name, path := range packages {
		f.ImportName(path, name)
	}
	for _, part := range c.list {
		f.Add(part)
	}
	var b bytes.Buffer
	if err := f.Render(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestImports(t *testing.T) {
	c := &Code{}
	c.Line(`var x, s = math.Pi, "f32.Exp"`)
	want := "package main\n\nimport \"math\"\n\nvar x, s = math.Pi, \"f32.Exp\"\n"
	if diff := cmp.Diff(want, source(t, c)); diff != "" {
		t.Errorf("a package in a string is none (-want +got):\n%s", diff)
	}
}

func TestCommentsStayComments(t *testing.T) {
	c := &Code{}
	c.Comment("first %s", "line\nvar evil int")
	c.Declare(Function{Doc: Wrap("f of \r\n}\u2028 init", false), Name: "f", Body: &Code{}})
	got := source(t, c)
	for _, line := range strings.Split(got, "\n") {
		if strings.Contains(line, "evil") && !strings.HasPrefix(line, "//") ||
			strings.Contains(line, "init") && !strings.HasPrefix(line, "//") {
			t.Errorf("a name has left its comment:\n%s", got)
		}
	}
}

func TestWrap(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("word ", 60))
	for _, indent := range []bool{false, true} {
		lines := Wrap(long, indent)
		if len(lines) < 3 {
			t.Errorf("indent %t: %d lines", indent, len(lines))
		}
		for _, line := range lines {
			if width := len("//" + strings.ReplaceAll(line, "\t", "    ")); width > 100 {
				t.Errorf("indent %t: a line of %d columns", indent, width)
			}
		}
		if got := strings.Join(strings.Fields(strings.Join(lines, " ")), " "); got != long {
			t.Errorf("indent %t: the text changed to %s", indent, got)
		}
	}
}

func TestLoops(t *testing.T) {
	c := &Code{}
	body := &Code{}
	for _, n := range []int{1, 3} {
		body.Loop("i", n, func(c *Code, v string) { c.Line("f(%s)", v) })
	}
	body.Loop("i", 2, func(c *Code, _ string) { c.Line("g()") })
	c.Declare(Function{Name: "f", Params: "i int", Body: body})
	want := "package main\n\nfunc f(i int) {\n\tf(0)\n\tfor i := range 3 {\n\t\tf(i)\n\t}\n" +
		"\tfor range 2 {\n\t\tg()\n\t}\n}\n"
	if diff := cmp.Diff(want, source(t, c)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
