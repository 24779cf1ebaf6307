package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// Prepare gives a command line the manners that gradc and the trainers share: without a command it
// prints its help, flags have one dash, errors are one line and say how it is done right. It is to
// be called when all subcommands are there.
func Prepare(root *cobra.Command) {
	root.Args = cobra.NoArgs
	root.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	root.SilenceErrors, root.SilenceUsage = true, true
	root.DisableSuggestions = true // they would make an error several lines long
	root.CompletionOptions.DisableDefaultCmd = true
	root.DisableFlagsInUseLine = true
	root.SetUsageFunc(usage)
	root.SetFlagErrorFunc(flagError)
	root.SetHelpCommand(newHelp(root))
	for _, c := range root.Commands() {
		c.Args = counted(c.Args)
	}
}

// counted makes the error of a wrong number of arguments show the usage.
func counted(check cobra.PositionalArgs) cobra.PositionalArgs {
	if check == nil {
		return nil
	}
	return func(c *cobra.Command, args []string) error {
		if check(c, args) == nil {
			return nil
		}
		if len(args) == 0 {
			return fmt.Errorf("%s needs arguments; usage: %s", c.Name(), c.UseLine())
		}
		return fmt.Errorf("%s got wrong arguments %q; usage: %s",
			c.Name(), strings.Join(args, " "), c.UseLine())
	}
}

// newHelp is a help command to which an unknown name is an error.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Tell about a command",
		RunE: func(_ *cobra.Command, args []string) error {
			c, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return fmt.Errorf("unknown command %q for %q", strings.Join(args, " "), root.Name())
			}
			c.InitDefaultHelpFlag()
			return c.Help()
		},
	}
}
