package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gradc/gradc/codegen"
	"github.com/gradc/gradc/compiler"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/target"
)

// network is one compiled network and the files that train it.
type network struct {
	name   string
	src    source // the package that describes it
	pos    string // of its func, from the current folder
	dir    string // where its files belong
	result *compiler.Result
	files  []codegen.File // none before emit, or if the package describes it no more
}

// compileAll compiles every network of the packages that match patterns, for a target and for the
// folder out, or generated of their module. It emits nothing yet.
func compileAll(
	ctx context.Context, t *target.Target, patterns []string, out string,
) ([]network, error) {
	sources, err := load(ctx, patterns)
	if err != nil {
		return nil, err
	}
	var networks []network
	owner := map[string]string{} // place of the func, by folder
	for _, src := range sources {
		graphs, err := graphsOf(ctx, src)
		if err != nil {
			return nil, err
		}
		parent := out
		if parent == "" {
			parent = filepath.Join(src.moduleDir, "generated")
		}
		for _, g := range graphs {
			dir, pos := filepath.Join(parent, g.Name), src.locate(g.Pos)
			if other, taken := owner[dir]; taken {
				return nil, fmt.Errorf("%s: network %q: a network of this name is described at %s; "+
					"give one of them another name", pos, g.Name, other)
			}
			owner[dir] = pos
			n, err := compileOne(g, t, src, dir)
			if err != nil {
				return nil, err
			}
			networks = append(networks, n)
		}
	}
	return networks, nil
}

func compileOne(g *ir.Graph, t *target.Target, src source, dir string) (network, error) {
	n := network{name: g.Name, src: src, pos: src.locate(g.Pos), dir: dir}
	if err := n.checkOwner(); err != nil {
		return network{}, err
	}
	var err error
	if n.result, err = compiler.Compile(g, t); err != nil {
		return network{}, errors.New(src.locate(err.Error()))
	}
	return n, nil
}

// emit makes the network's files.
func (n *network) emit() error {
	var err error
	n.files, err = codegen.Generate(n.result, codegen.Options{Version: release(), Package: n.src.path})
	if err != nil {
		return fmt.Errorf("%s: network %q: %w", n.pos, n.name, err)
	}
	return nil
}

// checkOwner makes sure that the network's folder is not that of another package's network. A
// package of the module that is gone has lost its claim.
func (n network) checkOwner() error {
	m, err := codegen.ReadManifest(n.dir)
	if err != nil || m.Package == "" || m.Package == n.src.path {
		return err
	}
	if folder, ours := strings.CutPrefix(m.Package, n.src.module); ours {
		_, err := os.Stat(filepath.Join(n.src.moduleDir, filepath.FromSlash(folder)))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
	}
	return fmt.Errorf("%s: network %q: %s holds the network of this name of package %s; "+
		"give one of them another name, or remove the folder",
		n.pos, n.name, relative(n.dir), m.Package)
}

// leftovers returns what the networks' packages have described in the same folders and describe no
// more: networks without files.
func leftovers(networks []network) []network {
	kept, sources := map[string]bool{}, map[string]source{}
	for _, n := range networks {
		kept[n.dir], sources[n.src.path] = true, n.src
	}
	var list []network
	for _, parent := range parentsOf(networks) {
		entries, err := os.ReadDir(parent)
		if err != nil {
			continue // there is nothing, or writing will tell
		}
		for _, e := range entries {
			dir := filepath.Join(parent, e.Name())
			m, err := codegen.ReadManifest(dir)
			if src, ours := sources[m.Package]; err == nil && ours && !kept[dir] {
				list = append(list, network{name: e.Name(), src: src, pos: src.path, dir: dir})
			}
		}
	}
	return list
}

// relative shortens a path below the current folder.
func relative(path string) string {
	wd, err := os.Getwd()
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(wd, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}
