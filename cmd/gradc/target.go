package main

import (
	"fmt"
	"strings"

	"github.com/gradc/gradc/compiler/target"
	"github.com/gradc/gradc/compiler/target/cpu"
)

// targets returns the kinds of machines that networks can be planned for, the default first.
func targets() []*target.Target { return []*target.Target{cpu.New()} }

// emitted returns the target that code is emitted for.
func emitted() *target.Target { return targets()[0] }

// targetNames returns the names of the targets, the default first.
func targetNames() []string {
	var names []string
	for _, t := range targets() {
		names = append(names, t.Name)
	}
	return names
}

// targetNamed returns the target of a name, the default for none.
func targetNamed(name string) (*target.Target, error) {
	if name == "" {
		return emitted(), nil
	}
	for _, t := range targets() {
		if t.Name == name {
			return t, nil
		}
	}
	return nil, fmt.Errorf("there is no target %q: choose one of %s", name,
		strings.Join(targetNames(), ", "))
}
