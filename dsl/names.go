package dsl

import (
	"fmt"
	"slices"
	"strconv"

	"golang.org/x/mod/module"
)

// reservedNames are the values that every model has besides its layers.
var reservedNames = [...]string{"images", "labels", "logits", "losses", "loss"}

// reservedFolders are names of folders that the go command treats in its own way.
var reservedFolders = [...]string{"internal", "testdata", "vendor"}

// maxName bounds names, which become folders, programs and Go identifiers.
const maxName = 64

// nameOf returns the name of a layer in this network. A wrong name is reported, and replaced so
// that the layers after it can be looked at.
func (n *network) nameOf(c *call) string {
	if c.stem == "" {
		return ""
	}
	n.counts[c.stem]++
	if c.name != nil {
		err := checkLayerName(*c.name)
		if at, taken := n.names[*c.name]; err == nil && taken {
			err = fmt.Errorf("name %q is taken by the layer of %s", *c.name, at)
		}
		if err == nil {
			n.names[*c.name] = c.pos
			return *c.name
		}
		n.report(c.pos, "%s: %v", c.kind, err)
	}
	for i := n.counts[c.stem]; ; i++ {
		name := c.stem + strconv.Itoa(i)
		if _, taken := n.names[name]; !taken {
			n.names[name] = c.pos
			return name
		}
	}
}

func checkLayerName(name string) error {
	if slices.Contains(reservedNames[:], name) {
		return fmt.Errorf("name %q is reserved", name)
	}
	letter := func(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }
	return checkName(name, letter, func(r rune) bool {
		return letter(r) || '0' <= r && r <= '9' || r == '_' || r == '-'
	}, "letters, digits, _ and -, and begin with a letter")
}

// checkModelName checks a name that becomes the name of a folder and of a program: no capitals,
// since some file systems do not tell them from small letters.
func checkModelName(name string) error {
	if slices.Contains(reservedFolders[:], name) {
		return fmt.Errorf("name %q is reserved by the go command", name)
	}
	small := func(r rune) bool { return 'a' <= r && r <= 'z' }
	err := checkName(name, small, func(r rune) bool {
		return small(r) || '0' <= r && r <= '9' || r == '-'
	}, "small letters a to z, digits and -, and begin with a letter")
	if err == nil && module.CheckImportPath(name) != nil {
		err = fmt.Errorf("name %q is a device on Windows, so that Go takes no folder of this name", name)
	}
	return err
}

func checkName(name string, first, rest func(rune) bool, rule string) error {
	if name == "" {
		return fmt.Errorf("the name is empty")
	}
	if len(name) > maxName {
		return fmt.Errorf("name %.16q… has %d characters, at most %d are allowed",
			name, len(name), maxName)
	}
	for i, r := range name {
		if i == 0 && !first(r) || !rest(r) {
			return fmt.Errorf("name %q has the character %q; names consist of %s", name, r, rule)
		}
	}
	return nil
}
