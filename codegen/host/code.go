package host

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dave/jennifer/jen"
)

// module is where the runtime of emitted packages lives.
const module = "github.com/gradc/gradc/"

// packages are the imports of emitted code, by the name they are used under.
var packages = map[string]string{
	"augment":   module + "runtime/augment",
	"cpu":       module + "runtime/cpu",
	"f32":       module + "runtime/f32",
	"gradcheck": module + "runtime/gradcheck",
	"initial":   module + "runtime/initial",
	"optim":     module + "runtime/optim",
	"parallel":  module + "runtime/parallel",
	"philox":    module + "runtime/philox",
	"schedule":  module + "runtime/schedule",
	"trainer":   module + "runtime/trainer",
	"math":      "math",
	"os":        "os",
	"slices":    "slices",
	"testing":   "testing",
}

// qualified matches the name of an imported package in front of one of its members, or a string,
// which stays as it is.
var qualified = func() *regexp.Regexp {
	names := make([]string, 0, len(packages))
	for name := range packages {
		names = append(names, name)
	}
	slices.Sort(names)
	return regexp.MustCompile(`"(?:[^"\\]|\\.)*"|\b(` + strings.Join(names, "|") + `)\.([A-Z]\w*)`)
}()

// Code is a list of statements or declarations in the making.
type Code struct {
	list   []jen.Code
	source strings.Builder // of the statements, to see which variables they use and which are alike
}

// Line appends a statement, given as text. Packages that it names are imported.
func (c *Code) Line(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	fmt.Fprintln(&c.source, line)
	c.list = append(c.list, text(line))
}

// Noted appends a statement with a comment behind it.
func (c *Code) Noted(note, format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	fmt.Fprintln(&c.source, line)
	c.list = append(c.list, text(line).Comment(Plain(note)))
}

// Source is the text of the statements; equal ones do the same.
func (c *Code) Source() string { return c.source.String() }

// Block appends a statement with a body, such as a loop.
func (c *Code) Block(head string, body func(c *Code)) {
	inner := &Code{}
	body(inner)
	fmt.Fprintln(&c.source, head)
	c.source.WriteString(inner.source.String())
	c.source.WriteString("}\n")
	c.list = append(c.list, text(head).Block(inner.list...))
}

// LoopOver appends a loop from 0 to count-1 with a body that may use the variable.
func (c *Code) LoopOver(variable, count string, body *Code) {
	head := "for range " + count
	if body.Mentions(variable) {
		head = "for " + variable + " := range " + count
	}
	c.Block(head, func(c *Code) { c.Add(body) })
}

// Loop appends a loop of n iterations with a body that gets the variable; for one iteration only
// a body that gets 0.
func (c *Code) Loop(variable string, n int, body func(c *Code, variable string)) {
	if n == 1 {
		body(c, "0")
		return
	}
	inner := &Code{}
	body(inner, variable)
	c.LoopOver(variable, fmt.Sprint(n), inner)
}

// Mentions reports whether the statements use an identifier.
func (c *Code) Mentions(name string) bool {
	source := c.source.String()
	for from := 0; ; {
		i := strings.Index(source[from:], name)
		if i < 0 {
			return false
		}
		begin, end := from+i, from+i+len(name)
		if (begin == 0 || !inWord(source[begin-1])) && (end == len(source) || !inWord(source[end])) {
			return true
		}
		from = end
	}
}

// inWord reports whether a byte may be part of an identifier.
func inWord(b byte) bool {
	return b == '_' || b >= utf8.RuneSelf || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' ||
		'A' <= b && b <= 'Z'
}

// mayQualify reports whether source may name a member of a package: it has a dot with a capital
// letter behind it.
func mayQualify(source string) bool {
	for i := 1; i < len(source); i++ {
		if source[i-1] == '.' && 'A' <= source[i] && source[i] <= 'Z' {
			return true
		}
	}
	return false
}

// Comment appends a comment of one line.
func (c *Code) Comment(format string, args ...any) {
	c.list = append(c.list, jen.Comment(Plain(fmt.Sprintf(format, args...))))
}

// Gap appends an empty line.
func (c *Code) Gap() { c.list = append(c.list, jen.Line()) }

// Add appends the statements of another list.
func (c *Code) Add(other *Code) {
	c.list = append(c.list, other.list...)
	c.source.WriteString(other.source.String())
}

// text turns Go source into jennifer's form, so that it knows the imports.
func text(source string) *jen.Statement {
	s := &jen.Statement{}
	if !mayQualify(source) {
		return s.Id(source)
	}
	at := 0
	for _, m := range qualified.FindAllStringSubmatchIndex(source, -1) {
		if m[2] < 0 {
			continue
		}
		if before := source[at:m[0]]; before != "" {
			s.Id(before)
		}
		s.Qual(packages[source[m[2]:m[3]]], source[m[4]:m[5]])
		at = m[1]
	}
	if rest := source[at:]; rest != "" || at == 0 {
		s.Id(rest)
	}
	return s
}

// Plain makes text safe for a comment of one line: names that users gave may hold anything.
func Plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
}

// Function is a func declaration.
type Function struct {
	Doc     []string // lines of the comment above
	Method  bool     // of *Net, as n
	On      string   // receiver of a method of another type
	Name    string
	Params  string
	Results string
	Body    *Code
}

// Declare appends a function, with an empty line above it.
func (c *Code) Declare(f Function) {
	c.Gap()
	for _, line := range f.Doc {
		c.list = append(c.list, docLine(line))
	}
	head := "func "
	switch {
	case f.Method:
		head += "(n *Net) "
	case f.On != "":
		head += "(" + f.On + ") "
	}
	params := f.Params
	if len(head+f.Name+params+f.Results) > Columns-6 {
		params = "\n" + breakAtCommas(params, Columns-4) + ",\n"
	}
	head += f.Name + "(" + params + ")"
	if f.Results != "" {
		head += " " + f.Results
	}
	c.list = append(c.list, text(head).Block(f.Body.list...))
}

// breakAtCommas breaks a list into lines of some width.
func breakAtCommas(list string, width int) string {
	var b strings.Builder
	used := 0
	for i, part := range strings.Split(list, ", ") {
		switch {
		case i > 0 && used+2+len(part) > width:
			b.WriteString(",\n")
			used = 0
		case i > 0:
			b.WriteString(", ")
			used += 2
		}
		b.WriteString(part)
		used += len(part)
	}
	return b.String()
}

// docLine returns a line of a doc comment; one that begins with a tab stays as it is.
func docLine(line string) *jen.Statement {
	if indented, ok := strings.CutPrefix(line, "\t"); ok {
		return jen.Comment("//\t" + Plain(indented))
	}
	if line == "" {
		return jen.Comment("//")
	}
	return jen.Comment("// " + Plain(line))
}

// Columns is the width that comments are wrapped to.
const Columns = 98

// Wrap breaks text at spaces into lines of a doc comment that fit the columns. With indent, they
// are shown as they are, those after the first a little further in.
func Wrap(text string, indent bool) []string {
	first, rest := "", ""
	width := Columns - 3
	if indent {
		first, rest = "\t", "\t  "
		width -= 6
	}
	var lines []string
	line := first
	used := 0
	for _, word := range strings.Fields(Plain(text)) {
		n := len([]rune(word))
		if used > 0 && used+1+n > width {
			lines = append(lines, line)
			line, used = rest, 2
			line += word
			used += n
			continue
		}
		if used > 0 {
			line += " "
			used++
		}
		line += word
		used += n
	}
	return append(lines, line)
}

// constants appends a group of constants.
func (c *Code) constants(group *Code) { c.list = append(c.list, jen.Const().Defs(group.list...)) }

// Struct appends the declaration of a struct.
func (c *Code) Struct(name string, fields *Code) {
	c.list = append(c.list, jen.Type().Id(name).Struct(fields.list...))
}

// embed returns the declaration of the memory plan, which lies beside the code.
func embed() jen.Code {
	return jen.Comment("//go:embed memory.txt").Line().Var().Id("memoryPlan").String()
}
