package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
)

// A DSL func is ordinary Go, so running it means building a program that imports its package:
// the driver. It lies beside the package in an overlay of the file system that only the go
// command sees, so that nothing is written into the user's tree and internal packages can be
// imported.
var driverText = template.Must(template.New("driver").Parse(`package main

import (
	"fmt"
	"os"

	"{{.DSL}}"
	network "{{.Path}}"
)

func main() {
	out, err := os.Create(os.Args[1])
	if err == nil {
		err = dsl.Export(out, []dsl.Func{
{{- range .Funcs}}
			{Name: "{{.}}", Build: network.{{.}}},
{{- end}}
		})
	}
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
`))

// graphsOf calls the DSL funcs of src and returns the graphs of the networks they describe. Their
// positions are from the root of the module.
func graphsOf(ctx context.Context, src source) ([]*ir.Graph, error) {
	descriptions, err := runDriver(ctx, src)
	if err != nil {
		return nil, err
	}
	var graphs []*ir.Graph
	for _, d := range descriptions {
		if len(d.Errors) > 0 {
			return nil, src.mistakes(d.Errors)
		}
		g, err := ir.Parse(d.Graph, op.All())
		if err != nil {
			return nil, fmt.Errorf("%s: func %s: reading its graph: %w", src.locate(d.Pos), d.Func, err)
		}
		folder, err := filepath.Rel(src.moduleDir, src.dir)
		if err != nil {
			return nil, err
		}
		g.Pos = path.Join(filepath.ToSlash(folder), g.Pos)
		graphs = append(graphs, g)
	}
	return graphs, nil
}

// maxMistakes is how many mistakes of a network one line tells.
const maxMistakes = 3

// mistakes joins what is wrong with a network into one error, each with its place.
func (s source) mistakes(list []string) error {
	told := list[:min(len(list), maxMistakes)]
	for i, text := range told {
		told[i] = s.locate(text)
	}
	if more := len(list) - len(told); more > 0 {
		told = append(told, fmt.Sprintf("and %d more", more))
	}
	return errors.New(strings.Join(told, "; "))
}

// locate gives a message that begins with a file of the package, or with one named from the root
// of its module, the path from the current folder.
func (s source) locate(message string) string {
	file, rest, _ := strings.Cut(message, ":")
	for _, folder := range []string{s.dir, s.moduleDir} {
		path := filepath.Join(folder, file)
		if _, err := os.Stat(path); err == nil {
			return relative(path) + ":" + rest
		}
	}
	return message
}

// runDriver builds and runs the driver of src.
func runDriver(ctx context.Context, src source) ([]ir.Description, error) {
	tmp, removeTemp, err := tempFolder()
	if err != nil {
		return nil, err
	}
	defer removeTemp()
	overlay, folder, err := writeDriver(tmp, src)
	if err != nil {
		return nil, err
	}
	driver := filepath.Join(tmp, here().executable("driver"))
	args := slices.Concat(throwAway, []string{"-overlay", overlay, "-o", driver, folder})
	if err := goBuild(ctx, src.dir, here().env(), args...); err != nil {
		return nil, fmt.Errorf("building %s: %w", src.path, err)
	}
	models := filepath.Join(tmp, "models")
	call := exec.CommandContext(ctx, driver, models)
	call.Dir = src.dir
	var out, problem bytes.Buffer
	call.Stdout, call.Stderr = &out, &problem
	if err := call.Run(); err != nil {
		return nil, fmt.Errorf("running the funcs of %s: %w", src.path,
			firstMessage(problem.Bytes(), err))
	}
	for _, said := range []*bytes.Buffer{&out, &problem} { // by the funcs, for the user to see
		if _, err := said.WriteTo(os.Stderr); err != nil {
			return nil, err
		}
	}
	f, err := os.Open(models)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ir.ReadDescriptions(f)
}

// writeDriver writes the driver of src and the overlay that shows it to the go command into tmp.
// It returns the path of the overlay and the folder where the driver seems to be.
func writeDriver(tmp string, src source) (overlay, folder string, err error) {
	var text bytes.Buffer
	err = driverText.Execute(&text, map[string]any{
		"DSL": dslPath, "Path": src.path, "Funcs": src.funcs})
	if err != nil {
		return "", "", err
	}
	folder = filepath.Join(src.dir, "gradc-driver")
	file := filepath.Join(tmp, "main.go")
	replace, err := json.Marshal(map[string]any{
		"Replace": map[string]string{filepath.Join(folder, "main.go"): file}})
	if err != nil {
		return "", "", err
	}
	overlay = filepath.Join(tmp, "overlay.json")
	return overlay, folder, errors.Join(
		os.WriteFile(file, text.Bytes(), 0o600), os.WriteFile(overlay, replace, 0o600))
}
