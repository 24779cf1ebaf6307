package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/gradc/gradc/codegen"
	"github.com/gradc/gradc/compiler"
	"github.com/gradc/gradc/compiler/ir"
)

func newGenerate() *cobra.Command {
	var out string
	var check bool
	cmd := &cobra.Command{
		Use:   "generate [packages]",
		Short: "Write the trainers of the packages' networks (default .)",
		Long: `Generate compiles every network that the packages describe and writes one Go package
per network into generated/<network> of the module, or into DIR/<network> with -out DIR. It
writes only what changed and removes files of its own that are no longer needed.

With -check it writes nothing, names the files that would change, and exits 1 if there are any.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			networks, err := compileAll(cmd.Context(), args, out)
			if err != nil {
				return err
			}
			if check {
				return checkAll(networks, cmd.OutOrStdout())
			}
			for _, n := range networks {
				if err := n.write(cmd.ErrOrStderr()); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "write into `DIR`/<network>")
	cmd.Flags().BoolVar(&check, "check", false, "write nothing; exit 1 if files would change")
	return cmd
}

func newDiff() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "diff [packages]",
		Short: "Show what generate would change, as a unified diff",
		Long: `Diff compiles every network that the packages describe and prints what generate would
change as a unified diff. Exit status: 0 same, 1 different, 2 an error.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			networks, err := compileAll(cmd.Context(), args, out)
			if err != nil {
				return err
			}
			same := true
			for _, n := range networks {
				diff, err := codegen.Diff(n.dir, n.files)
				if err != nil {
					return err
				}
				same = same && diff == ""
				fmt.Fprint(cmd.OutOrStdout(), diff)
			}
			if !same {
				return errDiffers
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "compare with `DIR`/<network>")
	return cmd
}

// network is one compiled network and the files that train it.
type network struct {
	name   string
	dir    string // where its files belong
	result *compiler.Result
	files  []codegen.File
}

// compileAll compiles every network of the packages that match patterns (default .) for the
// folder out, or generated of their module. It writes nothing.
func compileAll(ctx context.Context, patterns []string, out string) ([]network, error) {
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	sources, err := load(ctx, patterns)
	if err != nil {
		return nil, err
	}
	var networks []network
	owner := map[string]string{} // position of the func, by folder
	for _, src := range sources {
		graphs, err := graphsOf(ctx, src)
		if err != nil {
			return nil, err
		}
		for _, g := range graphs {
			parent := out
			if parent == "" {
				parent = filepath.Join(src.moduleDir, "generated")
			}
			dir := filepath.Join(parent, g.Name)
			if other, taken := owner[dir]; taken {
				return nil, fmt.Errorf("%s: network %q: a network of this name is described at %s; "+
					"give one of them another name", g.Pos, g.Name, other)
			}
			owner[dir] = g.Pos
			n, err := compileOne(g, dir)
			if err != nil {
				return nil, err
			}
			networks = append(networks, n)
		}
	}
	return networks, nil
}

func compileOne(g *ir.Graph, dir string) (network, error) {
	result, err := compiler.Compile(g, ir.CPU)
	if err != nil {
		return network{}, err
	}
	files, err := codegen.Generate(result, codegen.Options{Version: version()})
	if err != nil {
		return network{}, fmt.Errorf("%s: network %q: %w", g.Pos, g.Name, err)
	}
	return network{name: g.Name, dir: dir, result: result, files: files}, nil
}

// write brings the network's folder up to date and says what it did.
func (n network) write(log io.Writer) error {
	changed, err := codegen.Write(n.dir, n.files)
	if err != nil {
		return err
	}
	fmt.Fprintf(log, "gradc: %s: %d files, %d changed\n", relative(n.dir), len(n.files), len(changed))
	return nil
}

func checkAll(networks []network, out io.Writer) error {
	same := true
	for _, n := range networks {
		stale, err := codegen.Stale(n.dir, n.files)
		if err != nil {
			return err
		}
		for _, name := range stale {
			same = false
			fmt.Fprintf(out, "%s differs\n", relative(filepath.Join(n.dir, name)))
		}
	}
	if !same {
		return errDiffers
	}
	return nil
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
