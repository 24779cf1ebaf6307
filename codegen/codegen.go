// Package codegen turns compiled networks into the files of a Go package, and writes them.
package codegen

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/gradc/gradc/codegen/goasm"
	"github.com/gradc/gradc/codegen/gosrc"
	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler"
	"github.com/gradc/gradc/compiler/plan"
)

// Options are what the output depends on besides the network.
type Options struct {
	Version string // of gradc, for the manifest
	Package string // import path of the package that describes the network, likewise
	Name    string // of the emitted package, which then is no command; empty for main

	// AVX2Only leaves AVX-512 out: processors with it run what is there for AVX2.
	AVX2Only bool
}

// Generate returns the files of a network's package, sorted by name, the manifest among them. The
// same network and options yield the same bytes.
func Generate(r *compiler.Result, o Options) ([]File, error) {
	name := cmp.Or(o.Name, "main")
	twins := goasm.NewTwins(r.Plan, o.AVX2Only)
	sources, err := host.Files(host.Network{Plan: r.Plan, Model: r.Model, Package: name},
		gosrc.Kernels(twins))
	if err != nil {
		return nil, err
	}
	assembly, err := twins.Files(name)
	if err != nil {
		return nil, err
	}
	maps.Copy(sources, assembly)
	files := []File{{"memory.txt", []byte(plan.FormatMemory(r.Plan))}}
	for name, data := range sources {
		files = append(files, File{name, data})
	}
	byName := func(a, b File) int { return strings.Compare(a.Name, b.Name) }
	slices.SortFunc(files, byName)
	manifest, err := manifestFile(r.Model, o, files)
	if err != nil {
		return nil, err
	}
	files = append(files, manifest)
	slices.SortFunc(files, byName)
	return files, nil
}
