package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/gradc/gradc/codegen/host"
)

// showKernel prints the emitted functions of a layer, such as conv1, or one function by name: Go
// first, then assembly.
func showKernel(w io.Writer, n network, name string) error {
	layers := layerNames(n)
	if name == "" {
		return fmt.Errorf("show kernel needs a NAME: a function, or one of the layers %s",
			strings.Join(layers, ", "))
	}
	if err := n.emit(); err != nil {
		return err
	}
	var found bytes.Buffer
	for _, extension := range []string{".go", ".s"} {
		for _, file := range n.files {
			if path.Ext(file.Name) != extension || strings.HasSuffix(file.Name, "_test.go") {
				continue
			}
			show := showGo
			if extension == ".s" {
				show = showAssembly
			}
			if err := show(&found, file.Name, file.Data, name); err != nil {
				return err
			}
		}
	}
	if found.Len() == 0 {
		return fmt.Errorf("network %q has neither a function nor a layer %q; its layers: %s",
			n.name, name, strings.Join(layers, ", "))
	}
	_, err := found.WriteTo(w)
	return err
}

// showGo prints the functions of a Go file that belong to name.
func showGo(w *bytes.Buffer, file string, source []byte, name string) error {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, source, parser.ParseComments)
	if err != nil {
		return err
	}
	config := printer.Config{Mode: printer.UseSpaces | printer.TabIndent, Tabwidth: 8}
	for _, decl := range tree.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || !belongs(f.Name.Name, name) {
			continue
		}
		fmt.Fprintf(w, "// %s\n\n", file)
		node := &printer.CommentedNode{Node: f, Comments: tree.Comments}
		if err := config.Fprint(w, set, node); err != nil {
			return err
		}
		w.WriteString("\n\n")
	}
	return nil
}

// showAssembly prints the functions of an assembly file that belong to name. Each begins with a
// comment that declares it.
func showAssembly(w *bytes.Buffer, file string, source []byte, name string) error {
	const declares = "\n\n// func "
	for _, part := range strings.Split(string(source), declares)[1:] {
		if function, _, _ := strings.Cut(part, "("); belongs(function, name) {
			fmt.Fprintf(w, "// %s%s%s\n\n", file, declares, strings.TrimSpace(part))
		}
	}
	return nil
}

// belongs reports whether a function is name itself, or of the layer name or its gradients:
// conv1Forward, dConv1WeightRow and dConv1_2 are of conv1, conv10Forward is not.
func belongs(function, name string) bool {
	for _, wanted := range []string{name, "d." + name} {
		id := host.Identifier(wanted)
		if len(function) < len(id) || !strings.EqualFold(function[:len(id)], id) {
			continue
		}
		rest := function[len(id):]
		if rest == "" || rest[0] == '_' || unicode.IsUpper(rune(rest[0])) {
			return true
		}
	}
	return false
}

// layerNames returns the names of a network's layers in their order.
func layerNames(n network) []string {
	var names []string
	for _, v := range n.result.Model.Values {
		if v.Layer != "" && !slices.Contains(names, v.Layer) {
			names = append(names, v.Layer)
		}
	}
	return names
}
