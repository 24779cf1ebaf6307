package goasm

import (
	"fmt"

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
	if out.Text, err = printer.NewGoAsm(config).Print(file); err != nil {
		return Assembly{}, err
	}
	out.Stubs, err = printer.NewStubs(config).Print(file)
	return out, err
}

// Function begins a function. Its arguments do not escape: callers may pass arrays of the stack.
func (a *assembler) Function(name string) {
	a.Context.Function(name)
	a.Pragma("noescape")
}
