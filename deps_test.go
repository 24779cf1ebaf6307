package gradc_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

const module = "github.com/gradc/gradc/"

// allowed is the import table: which packages of ours a folder may import. A folder's rule holds
// for everything below it that has no rule of its own; the longest one counts. Packages may
// always import what lies below their own folder.
var allowed = map[string][]string{
	"dsl":                 {"compiler/op", "compiler/ir"},
	"compiler/scalar":     {},
	"compiler/winograd":   {"compiler/ir"},
	"compiler/ir":         {"compiler/scalar"},
	"compiler/op":         {"compiler/ir", "compiler/scalar", "compiler/winograd"},
	"compiler/interp":     {"compiler/ir", "compiler/scalar"},
	"compiler/target":     {"compiler/op", "compiler/ir", "compiler/scalar"},
	"compiler/target/cpu": {"compiler/target", "compiler/ir", "compiler/winograd"},
	"compiler/pass": {"compiler/op", "compiler/ir", "compiler/scalar",
		"compiler/target", "compiler/plan"},
	"compiler/plan": {"compiler/ir", "compiler/scalar"},
	"compiler": {"compiler/op", "compiler/ir", "compiler/scalar", "compiler/target",
		"compiler/pass", "compiler/plan", "compiler/interp"},
	"codegen": {"codegen", "compiler", "compiler/plan", "compiler/ir",
		"compiler/scalar", "compiler/winograd", "cuda_templates"},
	"codegen/host":   {"compiler/plan", "compiler/ir", "compiler/scalar"},
	"cuda_templates": {},
	"runtime": {"runtime", "internal/cli", "internal/lockfile", "internal/quote",
		"internal/regular"},
	"generated": {"runtime"},
	"examples":  {"dsl"},
	"cmd/gradc": {"compiler", "compiler/ir", "compiler/op", "compiler/plan", "compiler/target",
		"compiler/target/cpu", "codegen", "internal/cli", "internal/lockfile", "internal/quote",
		"internal/regular"},
	"internal": {"internal"},
	"internal/fuzznet": {"internal", "dsl", "compiler", "compiler/interp", "compiler/ir",
		"compiler/op", "compiler/pass", "compiler/plan", "compiler/target/cpu", "codegen",
		"runtime"},
	"internal/fuzznet/subject": {"runtime"},
}

// requires is what folders import besides, under the build tag gradc_requires alone: nothing is
// built with it, but go get, go mod tidy and go mod vendor follow such imports.
var requires = map[string][]string{
	"cmd/gradc": {"dsl"},
	"dsl":       {"runtime"},
}

// below lists the folders whose rule covers everything under the folder they name.
var below = []string{"codegen", "runtime", "internal"}

// only names the packages that alone may import a library.
var only = map[string]string{
	"github.com/dave/jennifer/jen": "codegen/host",
	"github.com/mmcloughlin/avo":   "codegen/goasm",
	"gorgonia.org/cu":              "runtime/cuda",
}

// load returns the module's packages by their folders, as they are under a build tag, if any.
func load(t *testing.T, tag string) map[string]*packages.Package {
	t.Helper()
	list, err := packages.Load(&packages.Config{
		Mode:       packages.NeedName | packages.NeedImports,
		BuildFlags: []string{"-tags=" + tag}}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 10 {
		t.Fatalf("found %d packages of the module, want all of them", len(list))
	}
	folders := map[string]*packages.Package{}
	for _, p := range list {
		folder := strings.TrimPrefix(p.PkgPath+"/", module)
		folders[strings.TrimSuffix(folder, "/")] = p
	}
	return folders
}

func TestImports(t *testing.T) {
	for from, p := range load(t, "") {
		rule, ok := ruleOf(from)
		if !ok && from != "" {
			t.Errorf("%s lies in no folder of the import table", from)
		}
		for path := range p.Imports {
			if to, ours := strings.CutPrefix(path, module); ours && !permits(rule, to) {
				t.Errorf("%s imports %s, which the import table does not allow", from, to)
			}
			for library, owner := range only {
				if strings.HasPrefix(path, library) && !within(from, owner) {
					t.Errorf("%s imports %s, which only %s may know", from, path, owner)
				}
			}
		}
	}
}

// TestRequires checks that dsl, and with it the command, requires all that emitted code imports.
func TestRequires(t *testing.T) {
	plain, tagged := load(t, ""), load(t, "gradc_requires")
	for from, p := range tagged {
		for path := range p.Imports {
			to, ours := strings.CutPrefix(path, module)
			if ours && plain[from].Imports[path] == nil && !permits(requires[from], to) {
				t.Errorf("%s imports %s under the tag, which the table does not allow", from, to)
			}
		}
	}
	for from, rule := range requires {
		if slices.Contains(rule, "dsl") && tagged[from].Imports[module+"dsl"] == nil {
			t.Errorf("%q does not import dsl under the tag", from)
		}
	}
	for path, file := range emittedImports(t) {
		if strings.HasPrefix(path, module) && tagged["dsl"].Imports[path] == nil {
			t.Errorf("%s imports %s: add it to dsl/requires.go", file, path)
		}
	}
}

// emittedImports returns what emitted files import, tests too, each with a file that does.
func emittedImports(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("generated/*/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d emitted files: %v", len(files), err)
	}
	imports := map[string]string{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			imports[strings.Trim(spec.Path.Value, `"`)] = name
		}
	}
	return imports
}

// ruleOf returns the rule of the longest folder of the table that holds the package.
func ruleOf(pkg string) ([]string, bool) {
	for folder := pkg; folder != ""; {
		if rule, ok := allowed[folder]; ok {
			return rule, true
		}
		cut := strings.LastIndexByte(folder, '/')
		if cut < 0 {
			break
		}
		folder = folder[:cut]
	}
	return nil, false
}

func permits(rule []string, to string) bool {
	return slices.ContainsFunc(rule, func(folder string) bool {
		return to == folder || slices.Contains(below, folder) && within(to, folder)
	})
}

func within(pkg, folder string) bool {
	return pkg == folder || strings.HasPrefix(pkg, folder+"/")
}

func TestImportTableItself(t *testing.T) {
	tests := []struct {
		reason   string
		from, to string
		want     bool
	}{
		{"the compiler knows no emitter", "compiler/pass", "codegen/gosrc", false},
		{"the interpreter knows no operation", "compiler/interp", "compiler/op", false},
		{"the runtime knows no network", "runtime/trainer", "generated/digits", false},
		{"emitted code stands on the runtime", "generated/digits", "runtime/trainer", true},
		{"emitted code does not need the compiler", "generated/digits", "compiler/ir", false},
		{"what surrounds the kernels knows no backend", "codegen/host", "codegen/gosrc", false},
		{"backends print into the package", "codegen/gosrc", "codegen/host", true},
		{"a folder without a rule takes its parent's", "codegen/gosrc", "compiler/plan", true},
		{"compiler does not stand for all below it", "codegen/gosrc", "compiler/pass", false},
	}
	for _, test := range tests {
		rule, _ := ruleOf(test.from)
		if got := permits(rule, test.to); got != test.want {
			t.Errorf("%s: %s may import %s: %t", test.reason, test.from, test.to, got)
		}
	}
}
