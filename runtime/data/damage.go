package data

import (
	"fmt"
	"strings"
)

// maxNamed bounds how many files a message names.
const maxNamed = 5

// damaged is the error of several files of a data set.
type damaged struct {
	faults []error // in the order of the files
	files  int     // of the data set
}

// damage makes one error of the faults of a data set's files, nil if there are none.
func damage(faults []error, files int) error {
	switch len(faults) {
	case 0:
		return nil
	case 1:
		return faults[0]
	}
	return &damaged{faults, files}
}

// Error counts the faults and tells the first ones.
func (d *damaged) Error() string {
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

func (d *damaged) Unwrap() []error { return d.faults }
