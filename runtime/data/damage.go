package data

import (
	"errors"
	"fmt"
	"strings"
)

// maxNamed bounds how many files a message names.
const maxNamed = 5

// damage is the error of a data set of several damaged files; it collects them.
type damage struct {
	files  int     // looked at
	faults []error // in the order of the files
}

// add counts one more file and what is wrong with it, nil for nothing.
func (d *damage) add(err error) {
	d.files++
	if err != nil {
		d.faults = append(d.faults, err)
	}
}

// contents adds a file if its contents are right or wrong. Any other error is returned: where files
// are missing, or cannot be had, the first one tells enough.
func (d *damage) contents(err error) error {
	if err != nil && !errors.As(err, new(*FormatError)) {
		return err
	}
	d.add(err)
	return nil
}

// err is nil without faults, and a single fault is that fault.
func (d *damage) err() error {
	switch len(d.faults) {
	case 0:
		return nil
	case 1:
		return d.faults[0]
	}
	return d
}

// Error counts the faults and tells the first ones.
func (d *damage) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d of %d files cannot be used: ", len(d.faults), d.files)
	for i, fault := range d.faults[:min(len(d.faults), maxNamed)] {
		if i > 0 {
			text.WriteString("; ")
		}
		text.WriteString(fault.Error())
	}
	if more := len(d.faults) - maxNamed; more > 0 {
		fmt.Fprintf(&text, "; and %d more", more)
	}
	return text.String()
}

func (d *damage) Unwrap() []error { return d.faults }
