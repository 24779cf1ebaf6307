package trainer

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/gradc/gradc/internal/cli"
)

// run parses the command line, runs its subcommand and returns the exit code.
func (t *trainer) run(args []string) int {
	root := t.command()
	root.SetArgs(cli.DoubleDashes(args))
	err := root.ExecuteContext(t.ctx)
	if err == nil {
		return exitDone
	}
	if errors.Is(err, syscall.EPIPE) && !errors.As(err, new(interruption)) {
		return exitPipe // nobody is there to read on, nor an error message
	}
	fmt.Fprintf(t.err, "%s: %s\n", t.spec.Name, cli.OneLine(err.Error()))
	if errors.As(err, new(interruption)) {
		return exitInterrupted
	}
	if errors.As(err, new(failure)) {
		return exitFailed
	}
	return exitError
}

func (t *trainer) command() *cobra.Command {
	root := &cobra.Command{
		Use:   t.spec.Name + " COMMAND",
		Short: fmt.Sprintf("Train and use the network %s", t.spec.Name),
	}
	root.SetOut(t.out)
	root.SetErr(t.err)
	root.AddCommand(
		t.trainCommand(),
		t.evalCommand(),
		t.predictCommand(),
		t.benchCommand(),
		t.infoCommand(),
		t.exportCommand(),
	)
	cli.Prepare(root)
	return root
}

// interruption is the error of a command that was told to stop by a signal.
type interruption struct{ message string }

func (i interruption) Error() string { return i.message }

// failure is the error of a command that was carried out, but for some of what it was given.
type failure struct{ message string }

func (f failure) Error() string { return f.message }
