package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/cpu"
)

func newDoctor() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check that this machine has what gradc needs",
		Long: `Doctor checks the Go toolchain, the module of the current folder, the cache folder and
the processor, one line each. Exit status: 0 if nothing is missing, else 1.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			healthy := true
			for _, check := range []func() (string, error){
				checkGo, checkModule, checkCache, checkProcessor,
			} {
				healthy = report(cmd.OutOrStdout(), check) && healthy
			}
			if !healthy {
				return differs
			}
			return nil
		},
	}
}

func report(w io.Writer, check func() (string, error)) bool {
	found, err := check()
	if err != nil {
		fmt.Fprintf(w, "missing  %v\n", err)
		return false
	}
	fmt.Fprintf(w, "ok       %s\n", found)
	return true
}

func checkGo() (string, error) {
	out, err := exec.Command("go", "version").Output()
	if err != nil {
		return "", fmt.Errorf("the go command does not run (%w): install Go from https://go.dev/dl", err)
	}
	return strings.TrimSpace(string(out)), nil
}

func checkModule() (string, error) {
	out, err := exec.Command("go", "list", "-f", "{{.Dir}}", dslPath).Output()
	if errors.Is(err, exec.ErrNotFound) {
		return "", errors.New("package dsl: the go command would know")
	}
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		for _, message := range goMessages(string(exit.Stderr)) {
			if helpful := withRemedy(message); helpful != message {
				return "", errors.New(helpful)
			}
		}
	}
	if err != nil {
		return "", errors.New("this folder's module does not require " + modulePath +
			": run go get -tool " + modulePath + "/cmd/gradc")
	}
	return "package dsl in " + strings.TrimSpace(string(out)), nil
}

func checkCache() (string, error) {
	dir := os.Getenv("GRADC_CACHE")
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("no cache folder: %w; set GRADC_CACHE", err)
		}
		dir = filepath.Join(user, "gradc")
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", fmt.Errorf("cache folder: %w; set GRADC_CACHE to a writable one", err)
	}
	f, err := os.CreateTemp(dir, "doctor-")
	if err != nil {
		return "", fmt.Errorf("cache folder: %w; set GRADC_CACHE to a writable one", err)
	}
	f.Close()
	return "cache folder " + dir, os.Remove(f.Name())
}

func checkProcessor() (string, error) {
	var features []string
	for _, f := range []struct {
		name string
		has  bool
	}{
		{"fma", cpu.X86.HasFMA}, {"avx2", cpu.X86.HasAVX2}, {"avx512f", cpu.X86.HasAVX512F},
		{"avx512bf16", cpu.X86.HasAVX512BF16}, {"asimd", cpu.ARM64.HasASIMD},
	} {
		if f.has {
			features = append(features, f.name)
		}
	}
	return fmt.Sprintf("processor %s, %d threads, %s", runtime.GOARCH, runtime.GOMAXPROCS(0),
		strings.Join(features, " ")), nil
}
