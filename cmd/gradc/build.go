package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gradc/gradc/internal/quote"
)

func newBuild() *cobra.Command {
	var out, net string
	cmd := &cobra.Command{
		Use:   "build [package]",
		Short: "Generate, then compile the trainer",
		Long: `Build generates the package's network and compiles its trainer with go build. The trainer
is named after the network and lies in the current folder, or where -o says. Where that is a
folder, it lies in there. GOOS and GOARCH choose the machine that it is for, as for go build.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"."}
			}
			n, err := generateOne(cmd, args[0], net)
			if err != nil {
				return err
			}
			goal, err := goPlatform(cmd.Context())
			if err != nil {
				return err
			}
			if out == "" {
				out = goal.executable(n.name)
			}
			if info, err := os.Stat(out); err == nil && info.IsDir() {
				out = filepath.Join(out, goal.executable(n.name))
			} else if err == nil && !info.Mode().IsRegular() {
				return fmt.Errorf("-o %s is no regular file; name another", quote.Name(out))
			}
			if err := n.build(cmd, out); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.ErrOrStderr(), "wrote "+out)
			return err
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "write the trainer to `FILE`")
	addNetFlag(cmd, &net)
	return cmd
}

func newRun() *cobra.Command {
	var net string
	cmd := &cobra.Command{
		Use:   "run [flags] PACKAGE [-- ARGS]",
		Short: "Build, then run the trainer with ARGS (default train)",
		Long: `Run builds the trainer of the package's network and runs it in the current folder.
What follows -- is handed to the trainer; without it the trainer trains:

  gradc run ./examples/digits
  gradc run ./examples/mnist-cnn -- train -epochs 2 -seed 7
  gradc run ./examples/digits -- predict -weights runs/digits/best.safetensors image.png

The exit status is the trainer's.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			pkg, rest, err := splitArgs(cmd, args)
			if err != nil {
				return err
			}
			if len(rest) == 0 {
				rest = []string{"train"}
			}
			return runTrainer(cmd, pkg, net, rest)
		},
	}
	addNetFlag(cmd, &net)
	cmd.SetFlagErrorFunc(trainerFlag)
	return cmd
}

func newBench() *cobra.Command {
	var net string
	cmd := &cobra.Command{
		Use:   "bench [flags] PACKAGE [-- ARGS]",
		Short: "Build, then measure the speed of one training step",
		Long:  "Bench builds the trainer of the package's network and runs its bench with ARGS.",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			pkg, rest, err := splitArgs(cmd, args)
			if err != nil {
				return err
			}
			return runTrainer(cmd, pkg, net, append([]string{"bench"}, rest...))
		},
	}
	addNetFlag(cmd, &net)
	cmd.SetFlagErrorFunc(trainerFlag)
	return cmd
}

// trainerFlag adds to an error of the flag parser where the trainer's flags belong.
func trainerFlag(cmd *cobra.Command, err error) error {
	return fmt.Errorf("%w; the trainer's flags follow --", cmd.Root().FlagErrorFunc()(cmd, err))
}

func addNetFlag(cmd *cobra.Command, net *string) {
	cmd.Flags().StringVar(net, "net", "",
		"the network's `NAME`, where the package describes several")
}

// splitArgs separates the package from what follows --.
func splitArgs(cmd *cobra.Command, args []string) (pkg string, rest []string, err error) {
	if dash := cmd.ArgsLenAtDash(); dash != 1 && (dash >= 0 || len(args) > 1) {
		return "", nil, fmt.Errorf("%s takes one package, and the trainer's arguments after --; "+
			"usage: %s", cmd.Name(), cmd.UseLine())
	}
	return args[0], args[1:], nil
}

// runTrainer generates and builds one network and runs its trainer with args.
func runTrainer(cmd *cobra.Command, pkg, net string, args []string) error {
	if goal, err := goPlatform(cmd.Context()); err != nil {
		return err
	} else if goal != here() {
		return fmt.Errorf("GOOS and GOARCH ask for a trainer for %s, which does not run on %s: "+
			"unset them, or take gradc build and run the trainer there", goal, here())
	}
	n, err := generateOne(cmd, pkg, net)
	if err != nil {
		return err
	}
	tmp, removeTemp, err := tempFolder()
	if err != nil {
		return err
	}
	defer removeTemp()
	binary := filepath.Join(tmp, here().executable(n.name))
	if err := n.build(cmd, binary, throwAway...); err != nil {
		return err
	}
	trainer := exec.CommandContext(cmd.Context(), binary, args...)
	pass(trainer)
	defer endTogether(trainer)()
	trainer.Stdin, trainer.Stdout, trainer.Stderr = os.Stdin, cmd.OutOrStdout(), cmd.ErrOrStderr()
	err = trainer.Run()
	if exit := new(exec.ExitError); errors.As(err, &exit) && exit.Exited() {
		return exitStatus(exit.ExitCode())
	}
	return err
}

// build compiles the network's package with flags of go build.
func (n network) build(cmd *cobra.Command, out string, flags ...string) error {
	out, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s: building the trainer\n", relative(n.dir))
	args := slices.Concat(flags, []string{"-o", out, "."})
	if err := goBuild(cmd.Context(), n.dir, nil, args...); err != nil {
		return fmt.Errorf("building the trainer in %s: %w", relative(n.dir), err)
	}
	return nil
}

// generateOne generates the package's networks and returns the one of the given name, or the
// only one.
func generateOne(cmd *cobra.Command, pkg, net string) (network, error) {
	networks, err := compileAll(cmd.Context(), emitted(), []string{pkg}, "")
	if err != nil {
		return network{}, err
	}
	n, err := pick(networks, pkg, net)
	if err != nil {
		return network{}, err
	}
	if err := n.emit(); err != nil {
		return network{}, err
	}
	return n, writeAll(cmd.Context(), []network{n}, cmd.ErrOrStderr())
}

// pick returns the network of the given name, or the only one.
func pick(networks []network, pkg, net string) (network, error) {
	var names []string
	for _, n := range networks {
		if n.name == net || net == "" && len(networks) == 1 {
			return n, nil
		}
		names = append(names, n.name)
	}
	slices.Sort(names)
	if net == "" {
		return network{}, fmt.Errorf("%s describes several networks: choose one of %s with -net",
			pkg, strings.Join(names, ", "))
	}
	return network{}, fmt.Errorf("%s describes no network named %q, but %s",
		pkg, net, strings.Join(names, ", "))
}
