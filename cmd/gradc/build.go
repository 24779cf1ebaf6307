package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

func newBuild() *cobra.Command {
	var out, net string
	cmd := &cobra.Command{
		Use:   "build [package]",
		Short: "Generate, then compile the trainer",
		Long: `Build generates the package's network and compiles its trainer with go build.
The binary is named after the network and lies in the current folder, or where -o says.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"."}
			}
			n, err := generateOne(cmd, args[0], net)
			if err != nil {
				return err
			}
			if out == "" {
				out = n.name
				if runtime.GOOS == "windows" {
					out += ".exe"
				}
			}
			return buildTrainer(cmd.Context(), n.dir, out)
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "write the trainer to `FILE`")
	addNetFlag(cmd, &net)
	return cmd
}

func newRun() *cobra.Command {
	var net string
	cmd := &cobra.Command{
		Use:   "run PACKAGE [-- ARGS]",
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
	return cmd
}

func newBench() *cobra.Command {
	var net string
	cmd := &cobra.Command{
		Use:   "bench PACKAGE [-- ARGS]",
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
	return cmd
}

func addNetFlag(cmd *cobra.Command, net *string) {
	cmd.Flags().StringVar(net, "net", "",
		"the network's `NAME`, where the package describes several")
}

// splitArgs separates the package from what follows --.
func splitArgs(cmd *cobra.Command, args []string) (pkg string, rest []string, err error) {
	dash := cmd.ArgsLenAtDash()
	if len(args) > 1 && dash != 1 {
		return "", nil, fmt.Errorf("%s takes one package; the trainer's arguments follow --: "+
			"gradc %s %s -- %s", cmd.Name(), cmd.Name(), args[0], strings.Join(args[1:], " "))
	}
	return args[0], args[1:], nil
}

// runTrainer generates and builds one network and runs its trainer with args.
func runTrainer(cmd *cobra.Command, pkg, net string, args []string) error {
	n, err := generateOne(cmd, pkg, net)
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "gradc-")
	if err != nil {
		return fmt.Errorf("a temporary folder is needed: %w", err)
	}
	defer os.RemoveAll(tmp)
	binary := filepath.Join(tmp, n.name)
	if err := buildTrainer(cmd.Context(), n.dir, binary); err != nil {
		return err
	}
	// The terminal sends an interrupt to the trainer as well, which stops in its own time.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	defer signal.Stop(signals)
	trainer := exec.Command(binary, args...)
	trainer.Stdin, trainer.Stdout, trainer.Stderr = os.Stdin, cmd.OutOrStdout(), cmd.ErrOrStderr()
	return trainer.Run()
}

// buildTrainer compiles the package in dir.
func buildTrainer(ctx context.Context, dir, out string) error {
	out, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", out, ".")
	build.Dir = dir
	if text, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the trainer in %s: %s", dir, buildMessage(text, err))
	}
	return nil
}

// generateOne generates the package's networks and returns the one of the given name, or the
// only one.
func generateOne(cmd *cobra.Command, pkg, net string) (network, error) {
	networks, err := compileAll(cmd.Context(), []string{pkg}, "")
	if err != nil {
		return network{}, err
	}
	n, err := pick(networks, pkg, net)
	if err != nil {
		return network{}, err
	}
	return n, n.write(cmd.ErrOrStderr())
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
