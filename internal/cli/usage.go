package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// usage prints a command's flags with one dash, as they are documented everywhere else.
func usage(c *cobra.Command) error {
	var text strings.Builder
	fmt.Fprintf(&text, "Usage:\n  %s\n", c.UseLine())
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(&text, "\nCommands:\n")
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() {
				fmt.Fprintf(&text, "  %-10s %s\n", sub.Name(), sub.Short)
			}
		}
	}
	if c.HasAvailableLocalFlags() {
		text.WriteString("\nFlags:\n")
		width := 0
		c.LocalFlags().VisitAll(func(f *pflag.Flag) { width = max(width, len(flagName(f))) })
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			_, help := pflag.UnquoteUsage(f)
			fmt.Fprintf(&text, "  %-*s  %s%s\n", width, flagName(f), help, defaultText(f))
		})
	}
	_, err := fmt.Fprint(c.OutOrStdout(), text.String())
	return err
}

// flagName is "-data NAME": the flag and the word in back quotes in its help.
func flagName(f *pflag.Flag) string {
	value, _ := pflag.UnquoteUsage(f)
	if f.Shorthand != "" {
		return strings.TrimSpace("-" + f.Shorthand + " " + value)
	}
	return strings.TrimSpace("-" + f.Name + " " + value)
}

func defaultText(f *pflag.Flag) string {
	switch f.DefValue {
	case "", "0", "false":
		return ""
	}
	return fmt.Sprintf(" (default %s)", f.DefValue)
}

// flagError words an error of the flag parser as flags are written here: with one dash.
func flagError(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		return fmt.Errorf("%s has no flag -%s; its flags: %s -h",
			c.Name(), unknown.GetSpecifiedName(), c.CommandPath())
	case errors.As(err, &missing):
		return fmt.Errorf("flag -%s needs a value", missing.GetSpecifiedName())
	case errors.As(err, &invalid):
		cause := errors.Unwrap(invalid)
		if number := new(strconv.NumError); errors.As(cause, &number) {
			cause = number.Err
		}
		return fmt.Errorf("flag -%s: %q is wrong: %w", invalid.GetFlag().Name, invalid.GetValue(), cause)
	}
	return err
}
