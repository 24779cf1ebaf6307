package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/gradc/gradc/internal/fuzznet"
)

// tryFaults puts each fault into gradc and looks for it with a run of its own. A fault that is not
// found is an error.
func (o *options) tryFaults() error {
	faults, err := fuzznet.ReadFaults(filepath.Join(o.root, o.faults))
	if err != nil {
		return err
	}
	missed := 0
	for i := range faults {
		f := &faults[i]
		if ok, err := filepath.Match(o.fault, f.Name); !ok || err != nil {
			if err != nil {
				return err
			}
			continue
		}
		said, err := o.try(f)
		if err != nil {
			return fmt.Errorf("fault %s: %w", f.Name, err)
		}
		if said == "" {
			missed++
			said = fmt.Sprintf("not found in %d networks", o.count)
		}
		fmt.Printf("%-20s %s\n", f.Name, said)
	}
	if missed > 0 {
		return fmt.Errorf("%d faults are not found", missed)
	}
	return nil
}

// try returns how a fault is found, or nothing.
func (o *options) try(f *fuzznet.Fault) (string, error) {
	dir, err := os.MkdirTemp("", "fuzznet-fault-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	overlay, err := f.Overlay(o.root, dir)
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "fuzz")
	build := exec.Command("go", "build", "-buildvcs=false", "-overlay", overlay, "-o", program,
		"./internal/fuzznet/fuzz")
	build.Dir = o.root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	run := exec.Command(program, "-n", fmt.Sprint(o.count), "-seed", fmt.Sprint(o.seed),
		"-batch", "6", "-keep", "", "-cache", "-overlay", overlay)
	run.Dir = o.root
	var out, problem bytes.Buffer
	run.Stdout, run.Stderr = &out, &problem
	err = run.Run()
	if err == nil {
		return "", nil
	}
	if run.ProcessState.ExitCode() != exitFound {
		return "", fmt.Errorf("%w\n%s", err, problem.String())
	}
	return firstFound(out.String()), nil
}

// firstFound returns what a run said when it first found something: after how many networks, and
// what.
func firstFound(out string) string {
	count := ""
	for line := range strings.Lines(out) {
		_, text, isTally := strings.Cut(line, "s: ")
		if isTally && strings.Contains(text, " networks, ") {
			count, _, _ = strings.Cut(text, ",")
		} else if count != "" {
			return fmt.Sprintf("found within %s: %s", count, strings.TrimSpace(line))
		}
	}
	return "found: " + out
}
