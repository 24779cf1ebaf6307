package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/gradc/gradc/codegen"
)

func newGenerate() *cobra.Command {
	var out string
	var check bool
	cmd := &cobra.Command{
		Use:   "generate [packages]",
		Short: "Write the trainers of the packages' networks (default .)",
		Long: `Generate compiles every network that the packages describe and writes one Go package
per network into generated/<network> of the module, or into DIR/<network> with -out DIR. It
writes only what changed, and removes files of its own that are no longer needed: those of
networks, too, that the packages describe no more.

With -check it writes nothing, names the files that would change, and exits 1 if there are any.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			networks, err := compileTree(cmd.Context(), args, out)
			if err != nil {
				return err
			}
			if check {
				return checkAll(networks, cmd.OutOrStdout())
			}
			return writeAll(cmd.Context(), networks, cmd.ErrOrStderr())
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
		Long: `Diff compiles every network that the packages describe (default .) and prints what
generate would change as a unified diff. Exit status: 0 same, 1 different, 2 an error.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			networks, err := compileTree(cmd.Context(), args, out)
			if err != nil {
				return err
			}
			return diffAll(networks, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "compare with `DIR`/<network>")
	return cmd
}

// compileTree compiles and emits the networks of packages (default .) and adds what is left of
// networks that they describe no more.
func compileTree(ctx context.Context, packages []string, out string) ([]network, error) {
	if len(packages) == 0 {
		packages = []string{"."}
	}
	networks, err := compileAll(ctx, emitted(), packages, out)
	if err != nil {
		return nil, err
	}
	for i := range networks {
		if err := networks[i].emit(); err != nil {
			return nil, err
		}
	}
	return append(networks, leftovers(networks)...), nil
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
		return differs
	}
	return nil
}

func diffAll(networks []network, out io.Writer) error {
	same := true
	for _, n := range networks {
		diff, err := codegen.Diff(relative(n.dir), n.files)
		if err != nil {
			return err
		}
		same = same && diff == ""
		fmt.Fprint(out, diff)
	}
	if !same {
		return differs
	}
	return nil
}
