package gradc_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
)

// TestWhereOperationsAreNamed counts the files that name an elementwise operation: its own, and the
// one with its word for users. all.go lists it without its name. A new operation is tested because it
// stands in the table, so that no test of compiler/op names it either, but for those of mistakes.
func TestWhereOperationsAreNamed(t *testing.T) {
	found := literals(t)
	for name, row := range op.All() {
		if row.Kind != ir.Map || name == "map" { // the general form, which passes build
			continue
		}
		var words, others []string
		for _, file := range found[name] {
			switch {
			case file == "compiler/op/"+name+".go", file == "compiler/op/shape_test.go":
			case strings.HasPrefix(file, "dsl/"):
				words = append(words, file)
			default:
				others = append(others, file)
			}
		}
		if len(words) != 1 {
			t.Errorf("%s has words in the files %v of dsl, want one", name, words)
		}
		if diff := cmp.Diff([]string(nil), others); diff != "" {
			t.Errorf("%s is named elsewhere (-want +got):\n%s", name, diff)
		}
	}
}

// literals returns the files that hold a string, by the string. Left out are emitted files, tests
// of other packages than compiler/op, which use operations as examples, and the primitives of
// compiler/scalar, some of which are called like operations.
func literals(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		path = filepath.ToSlash(path)
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (path == "generated" || path == "compiler/scalar" ||
			entry.Name() == "testdata" || path != "." && entry.Name()[0] == '.'):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go") ||
			strings.HasSuffix(path, "_test.go") && !strings.HasPrefix(path, "compiler/op/"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			if err == nil && !slices.Contains(found[text], path) {
				found[text] = append(found[text], path)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
