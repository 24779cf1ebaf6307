package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io"
	"strings"
	"unicode"
)

// showKernel prints the emitted functions of a layer, such as conv1, or one function by name.
func showKernel(w io.Writer, n network, name string) error {
	if name == "" {
		return fmt.Errorf("show kernel needs a NAME: a layer such as conv1, or a function")
	}
	var found bytes.Buffer
	var known []string
	for _, file := range n.files {
		if !strings.HasSuffix(file.Name, ".go") || strings.HasSuffix(file.Name, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, file.Name, file.Data, parser.ParseComments)
		if err != nil {
			return err
		}
		for _, decl := range tree.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			known = append(known, f.Name.Name)
			if !belongs(f.Name.Name, name) {
				continue
			}
			node := &printer.CommentedNode{Node: f, Comments: tree.Comments}
			fmt.Fprintf(&found, "// %s\n\n", file.Name)
			config := printer.Config{Mode: printer.UseSpaces | printer.TabIndent, Tabwidth: 8}
			if err := config.Fprint(&found, set, node); err != nil {
				return err
			}
			found.WriteString("\n\n")
		}
	}
	if found.Len() == 0 {
		return fmt.Errorf("network %q has no function of layer %q; functions: %s",
			n.name, name, strings.Join(known, ", "))
	}
	_, err := found.WriteTo(w)
	return err
}

// belongs reports whether a function is name itself or of the layer name: conv1Forward is of
// conv1, conv10Forward is not.
func belongs(function, name string) bool {
	rest, ok := strings.CutPrefix(strings.ToLower(function), strings.ToLower(name))
	if !ok {
		return false
	}
	return rest == "" || unicode.IsUpper(rune(function[len(name)]))
}
