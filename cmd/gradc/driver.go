package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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

// graphsOf calls the DSL funcs of src and returns the graphs of the networks they describe.
func graphsOf(ctx context.Context, src source) ([]*ir.Graph, error) {
	descriptions, err := runDriver(ctx, src)
	if err != nil {
		return nil, err
	}
	var graphs []*ir.Graph
	for _, d := range descriptions {
		if len(d.Errors) > 0 {
			return nil, mistakes(src, d.Errors)
		}
		g, err := ir.Parse(d.Graph, op.All())
		if err != nil {
			return nil, fmt.Errorf("%s: func %s: reading its graph: %w", d.Pos, d.Func, err)
		}
		graphs = append(graphs, g)
	}
	return graphs, nil
}

// mistakes joins what is wrong with a network into one error; its lines begin with file:line.
func mistakes(src source, list []string) error {
	for i, text := range list {
		list[i] = filepath.Join(relative(src.dir), text)
	}
	return errors.New(strings.Join(list, "\n"))
}

// runDriver builds and runs the driver of src.
func runDriver(ctx context.Context, src source) ([]ir.Description, error) {
	tmp, err := os.MkdirTemp("", "gradc-")
	if err != nil {
		return nil, fmt.Errorf("a temporary folder is needed: %w", err)
	}
	defer os.RemoveAll(tmp)
	var text bytes.Buffer
	err = driverText.Execute(&text, map[string]any{
		"DSL": dslPath, "Path": src.path, "Funcs": src.funcs})
	if err != nil {
		return nil, err
	}
	mainFile := filepath.Join(tmp, "main.go")
	seen := filepath.Join(src.dir, "gradc-driver", "main.go")
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{seen: mainFile}})
	if err != nil {
		return nil, err
	}
	overlayFile := filepath.Join(tmp, "overlay.json")
	if err := os.WriteFile(mainFile, text.Bytes(), 0o600); err != nil {
		return nil, err
	}
	if err := os.WriteFile(overlayFile, overlay, 0o600); err != nil {
		return nil, err
	}
	driver := filepath.Join(tmp, "driver")
	build := exec.CommandContext(ctx, "go", "build", "-overlay", overlayFile, "-o", driver,
		filepath.Dir(seen))
	build.Dir = src.dir
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building %s: %s", src.path, buildMessage(out, err))
	}
	out := filepath.Join(tmp, "models")
	call := exec.CommandContext(ctx, driver, out)
	call.Dir, call.Stdout = src.dir, os.Stderr // what a DSL func prints is for the user to see
	var stderr bytes.Buffer
	call.Stderr = &stderr
	if err := call.Run(); err != nil {
		return nil, fmt.Errorf("running the funcs of %s: %s", src.path,
			buildMessage(stderr.Bytes(), err))
	}
	f, err := os.Open(out)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ir.ReadDescriptions(f)
}

// buildMessage is the first line that says something, without the go command's headings.
func buildMessage(out []byte, err error) string {
	for line := range strings.Lines(string(out)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			return line
		}
	}
	return err.Error()
}
