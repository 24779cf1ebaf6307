package dsl_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gradc/gradc/dsl"
)

func TestModelNames(t *testing.T) {
	const rule = "names consist of small letters a to z, digits and -, and begin with a letter"
	character := func(name string, r rune) string {
		return fmt.Sprintf("name %q has the character %q; %s", name, r, rule)
	}
	device := func(name string) string {
		return fmt.Sprintf(
			"name %q is a device on Windows, so that Go takes no folder of this name", name)
	}
	type test struct {
		name, want string // want is empty for a name that is allowed
	}
	tests := []test{
		{"a", ""},
		{"mnist-cnn", ""},
		{"net2", ""},
		{"func", ""},
		{strings.Repeat("a", 64), ""},
		{"", "the name is empty"},
		{strings.Repeat("a", 65),
			`name "aaaaaaaaaaaaaaaa"… has 65 characters, at most 64 are allowed`},
		{"testdata", `name "testdata" is reserved by the go command`},
		{"vendor", `name "vendor" is reserved by the go command`},
		{"internal", `name "internal" is reserved by the go command`},
		{"con-1", ""},
		{"com10", ""},
		{"CON", character("CON", 'C')},
		{"Net", character("Net", 'N')},
		{"2net", character("2net", '2')},
		{"-net", character("-net", '-')},
		{"a b", character("a b", ' ')},
		{`a"b`, character(`a"b`, '"')},
		{"a`b", character("a`b", '`')},
		{"a'b", character("a'b", '\'')},
		{"a\nb", character("a\nb", '\n')},
		{"a\x00b", character("a\x00b", 0)},
		{"a\xffb", character("a\xffb", '\uFFFD')},
		{"..", character("..", '.')},
		{"a/b", character("a/b", '/')},
		{`a\b`, character(`a\b`, '\\')},
		{"a_b", character("a_b", '_')},
		{"nét", character("nét", 'é')},
		{"a;b", character("a;b", ';')},
		{"$(a)", character("$(a)", '$')},
	}
	for _, name := range []string{"con", "prn", "aux", "nul"} {
		tests = append(tests, test{name, device(name)})
	}
	for i := 1; i <= 9; i++ {
		for _, port := range []string{"com", "lpt"} {
			name := fmt.Sprint(port, i)
			tests = append(tests, test{name, device(name)})
		}
	}
	for _, test := range tests {
		layers := dsl.Sequential(dsl.Flatten(), dsl.Linear(10))
		_, err := dsl.New(test.name, dsl.Image(1, 8, 8), layers, recipe()).Graph()
		got := ""
		if err != nil {
			_, got, _ = strings.Cut(err.Error(), ": New: ")
		}
		if got != test.want {
			t.Errorf("%q: the error is\n%s, want\n%s", test.name, got, test.want)
		}
	}
}
