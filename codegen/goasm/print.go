package goasm

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
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
	for _, fn := range file.Functions() {
		fn.Nodes = slices.DeleteFunc(fn.Nodes, isSelfMove)
	}
	config := printer.Config{Name: "gradc", Pkg: pkg}
	var out Assembly
	text, err := printer.NewGoAsm(config).Print(file)
	if err != nil {
		return Assembly{}, err
	}
	heads := map[string]string{}
	for i, fn := range file.Functions() {
		heads[fn.Name] = a.heads[i].text(fn, m)
	}
	if out.Text, err = tidy(text, heads); err != nil {
		return Assembly{}, fmt.Errorf("assembly for %s: %w", m.Name, err)
	}
	stubs, err := printer.NewStubs(config).Print(file)
	out.Stubs = together(stubs)
	return out, err
}

var (
	padding   = regexp.MustCompile(`(?m)^(\t\w+) +`)
	requires  = regexp.MustCompile(`(?m)^// Requires: .*\n`)
	signature = regexp.MustCompile(`(?m)^(// )?func .*$`)
	immediate = regexp.MustCompile(`\$(\+|0x)[0-9a-f]+`)
	stub      = regexp.MustCompile(`(?m)^// func (\w+)\(.*\n`)
	label     = regexp.MustCompile(`(?m)^([a-zA-Z]+)\d*(\w*):$`)
	literal   = regexp.MustCompile(`\tMOV([LQ])\t\$(\d+), (\w+)\n(\tVMOV[DQ]\t(\w+),)`)
)

// isSelfMove reports whether an instruction copies a register to itself, which does nothing.
func isSelfMove(n ir.Node) bool {
	i, ok := n.(*ir.Instruction)
	return ok && (i.Opcode == "MOVQ" || i.Opcode == "VMOVAPS") && len(i.Operands) == 2 &&
		i.Operands[0] == i.Operands[1]
}

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

// tidy puts what is known of each function in front of it, comments labels and constants, prints
// numbers plainly and puts a tab behind the name of an instruction, as Go's own assembly does. The
// file's name says what it requires.
func tidy(text []byte, heads map[string]string) ([]byte, error) {
	text = together(requires.ReplaceAll(text, nil))
	text = padding.ReplaceAll(text, []byte("$1\t"))
	text = immediate.ReplaceAllFunc(text, func(number []byte) []byte {
		n, err := strconv.ParseInt(strings.TrimPrefix(string(number[1:]), "+"), 0, 64)
		if err != nil {
			return number
		}
		return fmt.Appendf(nil, "$%d", n)
	})
	text = literal.ReplaceAllFunc(text, commentConstant)
	text = stub.ReplaceAllFunc(text, func(line []byte) []byte {
		return fmt.Appendf(nil, "%s%s", line, heads[string(stub.FindSubmatch(line)[1])])
	})
	comments, unknown := labels(), error(nil)
	text = label.ReplaceAllFunc(text, func(line []byte) []byte {
		parts := label.FindSubmatch(line)
		if len(parts[2]) > 0 { // one of several of a loop
			return line
		}
		comment, ok := comments[string(parts[1])]
		if !ok {
			unknown = fmt.Errorf("label %q has no comment", parts[1])
		}
		return fmt.Appendf(nil, "%s // %s", line, comment)
	})
	return text, unknown
}

// commentConstant adds the value of a constant that goes to a vector: that of a float, or the bits
// where they are none that anyone would write.
func commentConstant(lines []byte) []byte {
	parts := literal.FindSubmatch(lines)
	if string(parts[3]) != string(parts[5]) {
		return lines
	}
	bits, err := strconv.ParseUint(string(parts[2]), 10, 64)
	if err != nil {
		return lines
	}
	value, size := math.Float64frombits(bits), 64
	if string(parts[1]) == "L" {
		value, size = float64(math.Float32frombits(uint32(bits))), 32
	}
	comment := fmt.Sprintf("%#x", bits)
	if a := math.Abs(value); a > 1e-30 && a < 1e30 || bits == 0 {
		comment = strconv.FormatFloat(value, 'g', -1, size)
	}
	return fmt.Appendf(nil, "\tMOV%s\t$%s, %s // %s\n%s", parts[1], parts[2], parts[3], comment,
		parts[4])
}
