package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
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
		return errors.New(withRemedy(list[0]))
	}
	return err
}

// remedies are what helps where the go command's own advice is none, or is about a package that
// the user does not know.
var remedies = []struct{ sign, advice string }{
	{"-mod=vendor", "run go mod vendor"},
	{"inconsistent vendoring", "run go mod vendor"},
	{"missing go.sum entry", "run go mod tidy"},
	{"updates to go.mod needed", "run go mod tidy"},
	{"error obtaining VCS status", "set GOFLAGS=-buildvcs=false"},
}

// advice is how the go command begins its own.
var advice = regexp.MustCompile(`(; to (add|add it|update it|sync)(, run)?:| Use -buildvcs=).*`)

// withRemedy makes a message of the go command about modules or git say what to do.
func withRemedy(message string) string {
	for _, r := range remedies {
		if strings.Contains(message, r.sign) {
			message = strings.TrimSuffix(advice.ReplaceAllString(message, ""), ":")
			return message + ": " + r.advice
		}
	}
	return message
}

// throwAway are flags of go build for programs that run once: they need neither symbols nor the
// commit, for which git would be asked, which may refuse.
var throwAway = []string{"-ldflags", "-s -w", "-buildvcs=false"}

// platform is what the go command builds programs for.
type platform struct{ os, arch string }

func (p platform) String() string { return p.os + "/" + p.arch }

// here is the platform that gradc runs on.
func here() platform { return platform{runtime.GOOS, runtime.GOARCH} }

// env has the go command build for the platform, for any of its processors, whatever the user
// wants trainers to be built for.
func (p platform) env() []string {
	return []string{"GOOS=" + p.os, "GOARCH=" + p.arch, "GOAMD64=v1"}
}

// goPlatform asks the go command which platform it builds for: GOOS and GOARCH may be set in the
// environment or by go env -w.
func goPlatform(ctx context.Context) (platform, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOOS", "GOARCH").Output()
	fields := strings.Fields(string(out))
	if err != nil || len(fields) != 2 {
		return platform{}, fmt.Errorf("go env GOOS GOARCH: %q, %w", out, err)
	}
	return platform{fields[0], fields[1]}, nil
}

// executable is the name of a program's file.
func (p platform) executable(name string) string {
	if p.os == "windows" {
		return name + ".exe"
	}
	return name
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
