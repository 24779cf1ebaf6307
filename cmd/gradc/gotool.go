package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"time"
)

// goBuild runs go build in dir, with variables added to the environment. Its error is the first
// thing the go command has to say.
func goBuild(ctx context.Context, dir string, env []string, args ...string) error {
	build := exec.CommandContext(ctx, "go", append([]string{"build"}, args...)...)
	build.Dir = dir
	build.Env = append(build.Environ(), env...)
	build.WaitDelay = 5 * time.Second
	pass(build)
	out, err := build.CombinedOutput()
	if err == nil {
		return nil
	}
	return firstMessage(out, err)
}

// pass makes the end of a command's context an interrupt for it, so that it ends in good order.
func pass(cmd *exec.Cmd) {
	cmd.Cancel = func() error {
		_ = cmd.Process.Signal(os.Interrupt) // where there is no such signal, the terminal sends it
		return os.ErrProcessDone
	}
}

// firstMessage returns the first thing a program said on its way to an error, or the error.
func firstMessage(out []byte, err error) error {
	if list := goMessages(string(out)); len(list) > 0 {
		return errors.New(list[0])
	}
	return err
}

// goMessages returns what the go command has to say, one message a line: without its headings,
// and with the lines that belong together in one.
func goMessages(text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "\t") && len(list) > 0:
			list[len(list)-1] += " " + trimmed
		default:
			list = append(list, trimmed)
		}
	}
	return list
}
