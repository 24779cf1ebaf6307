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
	out.Stubs, err = printer.NewStubs(config).Print(file)
	return out, err
}

// Function begins a function. Its arguments do not escape: callers may pass arrays of the stack.
func (a *assembler) Function(name string) {
	a.Context.Function(name)
	a.Pragma("noescape")
}

var (
	padding   = regexp.MustCompile(`(?m)^(\t\w+) +`)
	immediate = regexp.MustCompile(`\$(\+|0x)[0-9a-f]+`)
)

// tidy prints numbers plainly and puts a tab behind the name of an instruction, as Go's own
// assembly does.
func tidy(text []byte) []byte {
	text = padding.ReplaceAll(text, []byte("$1\t"))
	return immediate.ReplaceAllFunc(text, func(number []byte) []byte {
		n, err := strconv.ParseInt(strings.TrimPrefix(string(number[1:]), "+"), 0, 64)
		if err != nil {
			return number
		}
		return fmt.Appendf(nil, "$%d", n)
	})
}
