// Command gradc compiles networks described in Go into Go packages that train them.
//
// Run gradc help for its commands.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/gradc/gradc/internal/cli"
)

// exitStatus ends gradc with a status of its own, when all has been said.
type exitStatus int

func (s exitStatus) Error() string { return "exit status " + strconv.Itoa(int(s)) }

const (
	differs     exitStatus = 1
	failed      exitStatus = 2
	interrupted exitStatus = 130 // what shells report after an interrupt
)

func main() {
	debug.SetGCPercent(400) // most of what a compilation allocates is needed to its end
	ctx, stop := signal.NotifyContext(context.Background(), cli.Interrupts()...)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(int(status))
}

// run executes one command line and returns its exit status: 0 done, 1 a check failed or
// something differs, 2 an error, 130 an interrupt. A trainer that gradc started decides its own.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) exitStatus {
	root := newRoot()
	root.SetArgs(cli.DoubleDashes(args))
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if status := exitStatus(0); errors.As(err, &status) {
		return status
	}
	if ctx.Err() != nil {
		fmt.Fprintln(stderr, "gradc: interrupted")
		return interrupted
	}
	fmt.Fprintln(stderr, "gradc: "+cli.OneLine(err.Error()))
	return failed
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "gradc COMMAND",
		Short: "Compile a network described in Go into a Go package that trains it",
		Long: `gradc compiles networks described in Go into Go packages that train them.

A network is an exported Go func without parameters that returns *dsl.Model. gradc finds such
funcs in the packages named, infers shapes, derives the backward pass, fuses, plans memory and
writes one package per network into generated/<network> of the module.

Exit status: 0 done, 1 a check failed or something differs, 2 an error, 130 an interrupt.`,
	}
	root.AddCommand(newGenerate(), newDiff(), newBuild(), newRun(), newBench(), newShow(),
		newInit(), newDoctor(), newVersion())
	cli.Prepare(root)
	return root
}
