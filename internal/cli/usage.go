package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Usage prints a command's flags with one dash, as they are documented everywhere else.
func Usage(c *cobra.Command) error {
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

// OneLine keeps an error on one line whatever names it quotes.
func OneLine(message string) string {
	return strings.Join(strings.FieldsFunc(message, func(r rune) bool {
		return r == '\n' || r == '\r'
	}), "; ")
}
