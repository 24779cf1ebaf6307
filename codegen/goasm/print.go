package goasm

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

// Assembly is a pair of files: the functions, and their declarations in Go.
type Assembly struct {
	Text, Stubs []byte
}

// assemble runs body with an assembler for the machine and prints what it emits for package pkg.
func assemble(m Machine, pkg string, body func(a *assembler)) (Assembly, error) {
	a := &assembler{Context: build.NewContext(), Machine: m}
	a.ConstraintExpr("amd64,!noasm")
	body(a)
	file, err := a.Result()
	if err != nil {
		return Assembly{}, fmt.Errorf("assembly for %s: %w", m.Name, err)
	}
	if err := pass.Compile.Execute(file); err != nil {
		return Assembly{}, fmt.Errorf("assembly for %s: %w", m.Name, err)
	}
	config := printer.Config{Name: "gradc", Pkg: pkg}
	var out Assembly
	text, err := printer.NewGoAsm(config).Print(file)
	if err != nil {
		return Assembly{}, err
	}
	out.Text = tidy(text)
	stubs, err := printer.NewStubs(config).Print(file)
	out.Stubs = together(stubs)
	return out, err
}

// Function begins a function. Its arguments do not escape: callers may pass arrays of the stack.
func (a *assembler) Function(name string) {
	a.Context.Function(name)
	a.Pragma("noescape")
}

var (
	padding   = regexp.MustCompile(`(?m)^(\t\w+) +`)
	requires  = regexp.MustCompile(`(?m)^// Requires: .*\n`)
	signature = regexp.MustCompile(`(?m)^(// )?func .*$`)
	immediate = regexp.MustCompile(`\$(\+|0x)[0-9a-f]+`)
)

// together writes the type of parameters once for those that follow each other, as Go's own code
// does.
func together(text []byte) []byte {
	return signature.ReplaceAllFunc(text, func(line []byte) []byte {
		params := strings.Split(string(line), ", ")
		for i, p := range params[:len(params)-1] {
			name, typ, _ := strings.Cut(p[strings.Index(p, "(")+1:], " ")
			next, _, _ := strings.Cut(params[i+1], ")")
			if strings.HasSuffix(next, " "+typ) {
				params[i] = p[:strings.Index(p, "(")+1] + name
			}
		}
		return []byte(strings.Join(params, ", "))
	})
}

// tidy prints numbers plainly and puts a tab behind the name of an instruction, as Go's own
// assembly does. The file's name says what it requires.
func tidy(text []byte) []byte {
	text = together(requires.ReplaceAll(text, nil))
	text = padding.ReplaceAll(text, []byte("$1\t"))
	return immediate.ReplaceAllFunc(text, func(number []byte) []byte {
		n, err := strconv.ParseInt(strings.TrimPrefix(string(number[1:]), "+"), 0, 64)
		if err != nil {
			return number
		}
		return fmt.Appendf(nil, "$%d", n)
	})
}
