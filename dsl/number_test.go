package dsl_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	gotypes "go/types"
	"maps"
	"math"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/dsl"
)

// number is a number that a description can hold: Momentum of SGD, for example.
type number struct {
	place string // word, option and parameter, as TestNumbers finds them in the source
	build func(v float64) *dsl.Model
}

func numbers() []number {
	return []number{
		{"LeakyReLU slope", func(v float64) *dsl.Model { return network(dsl.LeakyReLU(v)) }},
		{"Softplus beta", func(v float64) *dsl.Model { return network(dsl.Softplus(v, 20)) }},
		{"Softplus threshold", func(v float64) *dsl.Model { return network(dsl.Softplus(1, v)) }},
		{"Scale factor", func(v float64) *dsl.Model { return network(dsl.Scale(v)) }},
		{"Dropout p", func(v float64) *dsl.Model { return network(dsl.Dropout(v)) }},
		{"BatchNorm Momentum momentum",
			func(v float64) *dsl.Model { return network(dsl.BatchNorm(dsl.Momentum(v))) }},
		{"BatchNorm Eps eps",
			func(v float64) *dsl.Model { return network(dsl.BatchNorm(dsl.Eps(v))) }},
		{"CrossEntropy LabelSmoothing smoothing",
			func(v float64) *dsl.Model { return loss(dsl.CrossEntropy(dsl.LabelSmoothing(v))) }},
		{"CrossEntropy Temperature temperature",
			func(v float64) *dsl.Model { return loss(dsl.CrossEntropy(dsl.Temperature(v))) }},
		{"FocalLoss gamma", func(v float64) *dsl.Model { return loss(dsl.FocalLoss(v, 1)) }},
		{"FocalLoss alpha", func(v float64) *dsl.Model { return loss(dsl.FocalLoss(2, v)) }},
		{"SGD rate", func(v float64) *dsl.Model { return optimizer(dsl.SGD(v)) }},
		{"SGD Momentum momentum",
			func(v float64) *dsl.Model { return optimizer(dsl.SGD(0.1, dsl.Momentum(v))) }},
		{"SGD WeightDecay decay",
			func(v float64) *dsl.Model { return optimizer(dsl.SGD(0.1, dsl.WeightDecay(v))) }},
		{"Adam rate", func(v float64) *dsl.Model { return optimizer(dsl.Adam(v)) }},
		{"Adam Betas gradient",
			func(v float64) *dsl.Model { return optimizer(dsl.Adam(0.1, dsl.Betas(v, 0.9))) }},
		{"Adam Betas square",
			func(v float64) *dsl.Model { return optimizer(dsl.Adam(0.1, dsl.Betas(0.9, v))) }},
		{"Adam Eps eps",
			func(v float64) *dsl.Model { return optimizer(dsl.Adam(0.1, dsl.Eps(v))) }},
		{"AdamW rate", func(v float64) *dsl.Model { return optimizer(dsl.AdamW(v)) }},
		{"AdamW WeightDecay decay",
			func(v float64) *dsl.Model { return optimizer(dsl.AdamW(0.1, dsl.WeightDecay(v))) }},
		{"AdamW Betas gradient",
			func(v float64) *dsl.Model { return optimizer(dsl.AdamW(0.1, dsl.Betas(v, 0.9))) }},
		{"AdamW Betas square",
			func(v float64) *dsl.Model { return optimizer(dsl.AdamW(0.1, dsl.Betas(0.9, v))) }},
		{"AdamW Eps eps",
			func(v float64) *dsl.Model { return optimizer(dsl.AdamW(0.1, dsl.Eps(v))) }},
		{"StepDecay gamma", func(v float64) *dsl.Model { return schedule(dsl.StepDecay(10, v)) }},
		{"Cosine end", func(v float64) *dsl.Model { return schedule(dsl.Cosine(v)) }},
		{"OneCycle rise", func(v float64) *dsl.Model { return schedule(dsl.OneCycle(v)) }},
		{"Normalize Mean", func(v float64) *dsl.Model { return normalize([]float64{v}, ones()) }},
		{"Normalize Std",
			func(v float64) *dsl.Model { return normalize([]float64{0}, []float64{v}) }},
	}
}

func ones() []float64 { return []float64{1} }

func loss(l dsl.Loss) *dsl.Model {
	return recipeOf(func(r *dsl.Recipe) { r.Loss = l })
}

func optimizer(o dsl.Optimizer) *dsl.Model {
	return recipeOf(func(r *dsl.Recipe) { r.Optimizer = o })
}

func schedule(s dsl.Schedule) *dsl.Model {
	return recipeOf(func(r *dsl.Recipe) { r.Schedule = s })
}

func normalize(mean, std []float64) *dsl.Model {
	return recipeOf(func(r *dsl.Recipe) { r.Normalize = dsl.Normalize{Mean: mean, Std: std} })
}

// recipeOf returns a model with a changed recipe.
func recipeOf(change func(r *dsl.Recipe)) *dsl.Model {
	r := recipe()
	change(&r)
	layers := dsl.Sequential(dsl.Flatten(), dsl.Linear(3))
	return dsl.New("test", dsl.Image(1, 8, 8), layers, r)
}

// TestNumbers holds every number of a description to the float32 that a trainer computes with.
func TestNumbers(t *testing.T) {
	var known []string
	for _, n := range numbers() {
		known = append(known, n.place)
		for _, v := range []float64{1.2e-38, 0.5} {
			if _, err := n.build(v).Graph(); err != nil {
				t.Errorf("%s = %v: %v", n.place, v, err)
			}
		}
		for _, v := range []float64{
			1e-300, 1e-60, 1e-45, 1e-39, 1.17e-38, 3.5e38, 1e39, 1e300, math.Inf(1), math.NaN(),
		} {
			checkRefusal(t, n, v)
			checkRefusal(t, n, -v)
		}
	}
	slices.Sort(known)
	if diff := cmp.Diff(numbersOfSource(t), known); diff != "" {
		t.Errorf("numbers of the package's words without a test (-), tests without a word (+):\n%s",
			diff)
	}
}

// checkRefusal wants one mistake, with the line of the word.
func checkRefusal(t *testing.T, n number, v float64) {
	t.Helper()
	_, err := n.build(v).Graph()
	if err == nil {
		t.Errorf("%s = %v: no error", n.place, v)
		return
	}
	word, _, _ := strings.Cut(n.place, " ")
	if word != "Normalize" { // which is a part of New's recipe
		f := runtime.FuncForPC(reflect.ValueOf(n.build).Pointer())
		_, line := f.FileLine(f.Entry())
		word = "^number_test.go:" + strconv.Itoa(line) + ": " + word
	}
	if !regexp.MustCompile(word+`.* is \S+, `).MatchString(err.Error()) ||
		!strings.Contains(err.Error(), strconv.FormatFloat(v, 'g', -1, 64)) {
		t.Errorf("%s = %v: error %v", n.place, v, err)
	}
}

// TestNumbersRound is about numbers that keep their rule only until they are rounded, and about
// what becomes of two numbers together.
func TestNumbersRound(t *testing.T) {
	nearOne := math.Nextafter(1, 0)
	tests := []struct {
		reason string
		model  *dsl.Model
		want   string
	}{
		{"dropout of everything", network(dsl.Dropout(nearOne)),
			`p is 0.9999999999999999, which the trainer rounds to 1; it must be at least 0 and below 1`},
		{"a momentum without friction", optimizer(dsl.SGD(0.1, dsl.Momentum(nearOne))),
			`momentum is 0.9999999999999999, which the trainer rounds to 1; `},
		{"pixels that are all 0", normalize([]float64{0}, []float64{1e37}),
			`1/(255·Std) of Normalize is 3.9`},
		{"pixels beyond any number", normalize([]float64{1e30}, []float64{1e-30}),
			`Mean/Std of Normalize is 1e+60, more than a float32 holds`},
	}
	for _, test := range tests {
		_, err := test.model.Graph()
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %s", test.reason, err, test.want)
		}
	}
}

// numbersOfSource returns the places of numbers of all exported words of the package, sorted: the
// float64 parameters of funcs, those of options once per func that takes the option, and fields.
func numbersOfSource(t *testing.T) []string {
	t.Helper()
	options, takers := map[string][]string{}, map[string][]string{}
	places := map[string]bool{}
	for _, decl := range declarations(t) {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil || !d.Name.IsExported() {
				continue
			}
			for _, param := range names(d.Type.Params, "float64") {
				if returnsOption(d) {
					options[d.Name.Name] = append(options[d.Name.Name], param)
				} else {
					places[d.Name.Name+" "+param] = true
				}
			}
			takers[d.Name.Name] = optionsOf(d)
		case *ast.GenDecl:
			for _, place := range fields(d) {
				places[place] = true
			}
		}
	}
	for word, list := range takers {
		for _, option := range list {
			for _, param := range options[option] {
				places[fmt.Sprint(word, " ", option, " ", param)] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(places))
}

// declarations returns what the package's files declare.
func declarations(t *testing.T) []ast.Decl {
	t.Helper()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var list []ast.Decl
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, file.Decls...)
	}
	return list
}

// names returns the names of a list's fields that are of one of the types.
func names(list *ast.FieldList, types ...string) []string {
	var found []string
	for _, field := range list.List {
		if !slices.Contains(types, gotypes.ExprString(field.Type)) {
			continue
		}
		for _, name := range field.Names {
			found = append(found, name.Name)
		}
	}
	return found
}

func returnsOption(f *ast.FuncDecl) bool {
	if f.Type.Results == nil || len(f.Type.Results.List) != 1 {
		return false
	}
	result, ok := f.Type.Results.List[0].Type.(*ast.Ident)
	return ok && result.Name == "Option"
}

// optionsOf returns the options that a word takes: the strings in its call of settings.
func optionsOf(f *ast.FuncDecl) []string {
	var list []string
	ast.Inspect(f.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if fun, ok := call.Fun.(*ast.SelectorExpr); !ok || fun.Sel.Name != "settings" {
			return true
		}
		for _, arg := range call.Args {
			if text, ok := arg.(*ast.BasicLit); ok && text.Kind == token.STRING {
				list = append(list, strings.Trim(text.Value, `"`))
			}
		}
		return true
	})
	return list
}

// fields returns the numbers in exported structs, as "Normalize Mean".
func fields(d *ast.GenDecl) []string {
	var list []string
	for _, spec := range d.Specs {
		typ, ok := spec.(*ast.TypeSpec)
		if !ok || !typ.Name.IsExported() {
			continue
		}
		if s, ok := typ.Type.(*ast.StructType); ok {
			for _, name := range names(s.Fields, "float64", "[]float64") {
				if ast.IsExported(name) {
					list = append(list, typ.Name.Name+" "+name)
				}
			}
		}
	}
	return list
}
