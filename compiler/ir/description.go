package ir

import (
	"encoding/json"
	"fmt"
	"io"
)

// Description is what a func of the DSL describes, on its way from the program that runs the func
// to the compiler: a graph as text, or what is wrong with it.
type Description struct {
	Func   string   `json:"func"`
	Pos    string   `json:"pos"` // file:line of the func
	Name   string   `json:"name,omitempty"`
	Graph  string   `json:"graph,omitempty"`
	Errors []string `json:"errors,omitempty"` // file:line: message, in the order of the source
}

// descriptionsFormat changes with the form of what WriteDescriptions writes, or of graphs.
const descriptionsFormat = "gradc descriptions 1"

type descriptions struct {
	Format string        `json:"format"`
	Funcs  []Description `json:"funcs"`
}

// WriteDescriptions writes descriptions as JSON.
func WriteDescriptions(w io.Writer, list []Description) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(descriptions{descriptionsFormat, list})
}

// ReadDescriptions reads what WriteDescriptions of the same version of gradc wrote.
func ReadDescriptions(r io.Reader) ([]Description, error) {
	var d descriptions
	if err := json.NewDecoder(r).Decode(&d); err != nil {
		return nil, fmt.Errorf("reading the description of a network: %w", err)
	}
	if d.Format != descriptionsFormat {
		return nil, fmt.Errorf("the network uses another version of gradc's dsl: its format is %q, "+
			"this gradc reads %q", d.Format, descriptionsFormat)
	}
	return d.Funcs, nil
}
