// Package report writes what a command has to tell: text lines for people or JSON lines for
// scripts on standard output, and a progress bar where standard error is a terminal.
package report

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// Report is where one command writes. Its methods are for one goroutine.
type Report struct {
	out  io.Writer
	bars io.Writer // nil: no progress bars
	json bool
}

// New returns a report that writes to out: JSON lines if asJSON, else text. Progress bars go to
// errOut if that is a terminal and the report is in text.
func New(out, errOut io.Writer, asJSON bool) *Report {
	r := &Report{out: out, json: asJSON}
	if !asJSON && isTerminal(errOut) {
		r.bars = errOut
	}
	return r
}

// Write tells one record: its String, or, in a JSON report, its exported fields as one line of
// JSON. A record whose String is empty says nothing as text.
func (r *Report) Write(record fmt.Stringer) error {
	if r.json {
		encoder := json.NewEncoder(r.out)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(record); err != nil {
			return fmt.Errorf("writing to standard output: %w", err)
		}
		return nil
	}
	text := record.String()
	if text == "" {
		return nil
	}
	if _, err := fmt.Fprintln(r.out, text); err != nil {
		return fmt.Errorf("writing to standard output: %w", err)
	}
	return nil
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
