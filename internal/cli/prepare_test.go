package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// command returns a small command line and where it writes.
func command() (*cobra.Command, *bytes.Buffer) {
	root := &cobra.Command{Use: "tool COMMAND", Short: "Do things", Long: "Tool does things."}
	sub := &cobra.Command{
		Use: "train NAME", Short: "Train a thing", Args: cobra.ExactArgs(1),
		RunE: func(*cobra.Command, []string) error { return nil },
	}
	sub.Flags().Int("epochs", 3, "train for `N` epochs")
	sub.Flags().StringP("output", "o", "", "write to `FILE`")
	sub.Flags().Bool("json", false, "write JSON lines")
	root.AddCommand(sub)
	out := &bytes.Buffer{}
	root.SetOut(out)
	Prepare(root)
	return root, out
}

func TestPrepareErrors(t *testing.T) {
	tests := []struct {
		reason, args, want string
	}{
		{"an unknown command", "tain", `unknown command "tain" for "tool"`},
		{"help about an unknown command", "help tain now", `unknown command "tain now" for "tool"`},
		{"an unknown flag", "train x -bach 3", "train has no flag -bach; its flags: tool train -h"},
		{"an unknown letter", "train x -b", "train has no flag -b; its flags: tool train -h"},
		{"a flag without its value", "train x -epochs", "flag -epochs needs a value"},
		{"a letter without its value", "train x -o", "flag -o needs a value"},
		{"no number", "train x -epochs many", `flag -epochs: "many" is wrong: invalid syntax`},
		{"a number that is too large", "train x -epochs 99999999999999999999",
			`flag -epochs: "99999999999999999999" is wrong: value out of range`},
		{"no argument", "train", "train needs arguments; usage: tool train NAME [flags]"},
		{"too many", "train a b", `train got wrong arguments "a b"; usage: tool train NAME [flags]`},
		{"the parser's own command for shells", "completion bash",
			`unknown command "completion" for "tool"`},
	}
	for _, test := range tests {
		root, out := command()
		root.SetArgs(DoubleDashes(strings.Fields(test.args)))
		if err := root.Execute(); err == nil || OneLine(err.Error()) != test.want {
			t.Errorf("%s: error %v, want %s", test.reason, err, test.want)
		}
		if out.Len() > 0 {
			t.Errorf("%s: there is output besides the error: %q", test.reason, out)
		}
	}
}

func TestPrepareHelp(t *testing.T) {
	const ofRoot = `Tool does things.

Usage:
  tool COMMAND

Commands:
  train      Train a thing

Flags:
  -h  help for tool
`
	const ofTrain = `Train a thing

Usage:
  tool train NAME [flags]

Flags:
  -epochs N  train for N epochs (default 3)
  -h         help for train
  -json      write JSON lines
  -o FILE    write to FILE
`
	tests := []struct{ args, want string }{
		{"", ofRoot}, {"-h", ofRoot}, {"-help", ofRoot}, {"help", ofRoot},
		{"train -h", ofTrain}, {"help train", ofTrain},
	}
	for _, test := range tests {
		root, out := command()
		root.SetArgs(DoubleDashes(strings.Fields(test.args)))
		if err := root.Execute(); err != nil {
			t.Errorf("tool %s: %v", test.args, err)
		}
		if out.String() != test.want {
			t.Errorf("tool %s writes\n%s\nwant\n%s", test.args, out, test.want)
		}
	}
}
