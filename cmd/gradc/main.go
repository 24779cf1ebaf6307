// Command gradc compiles networks described in Go into Go packages that train them.
//
// Run gradc help for its commands.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/spf13/cobra"

	"github.com/gradc/gradc/internal/cli"
)

// errDiffers makes the exit status 1: a check failed, and its output has said how.
var errDiffers = errors.New("differs")

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run executes one command line and returns its exit status: 0 done, 1 a check failed or
// something differs, 2 an error. A trainer that gradc started decides its own.
func run(args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(cli.DoubleDashes(args))
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.Execute()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errDiffers):
		return 1
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return exit.ExitCode()
	}
	fmt.Fprintln(stderr, "gradc: "+cli.OneLine(err.Error()))
	return 2
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "gradc",
		Short: "Compile a network described in Go into a Go package that trains it",
		Long: `gradc compiles networks described in Go into Go packages that train them.

A network is an exported Go func without parameters that returns *dsl.Model. gradc finds such
funcs in the packages named, infers shapes, derives the backward pass, fuses, plans memory and
writes one package per network into generated/<network> of the module.

Exit status: 0 done, 1 a check failed or something differs, 2 an error.`,
		Args:               cobra.NoArgs,
		RunE:               func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors:      true,
		SilenceUsage:       true,
		DisableSuggestions: true, // they would make an error several lines long
		CompletionOptions:  cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.SetUsageFunc(cli.Usage)
	root.AddCommand(newGenerate(), newDiff(), newBuild(), newRun(), newBench(), newShow(),
		newInit(), newDoctor(), newVersion())
	return root
}
