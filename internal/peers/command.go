package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// command is a program that measures a training step, and prints what it found as its last line.
type command struct {
	name string
	args []string
	env  []string // besides that of this process
}

// measurement is what one run found, or the medians of several.
type measurement struct {
	Batch int     `json:"batch"`
	Speed float64 `json:"images_per_second"`
	Peak  int64   `json:"peak_rss_bytes"`
	Plan  int64   `json:"plan_bytes,omitempty"` // of a trainer's memory
}

// run runs the command once. Its error ends with the last line of what the command complained of.
func (c command) run() (measurement, error) {
	cmd := exec.Command(c.args[0], c.args[1:]...)
	cmd.Env = append(cmd.Environ(), c.env...)
	var problem bytes.Buffer
	cmd.Stderr = &problem
	out, err := cmd.Output()
	if err != nil {
		return measurement{}, fmt.Errorf("%s: %w: %s", c.name, err, lastLine(problem.Bytes()))
	}
	var m measurement
	if err := json.Unmarshal([]byte(lastLine(out)), &m); err != nil {
		return measurement{}, fmt.Errorf("%s: its last line is no JSON: %w", c.name, err)
	}
	if m.Speed <= 0 {
		return measurement{}, fmt.Errorf("%s: its last line has no images_per_second", c.name)
	}
	return m, nil
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

// interleave runs commands in turn, and returns for each the medians of its rounds.
func interleave(log io.Writer, rounds int, commands []command) ([]measurement, error) {
	runs := make([][]measurement, len(commands))
	for round := range rounds {
		fmt.Fprintf(log, "  round %d, images/s:", round+1)
		for i, c := range commands {
			m, err := c.run()
			if err != nil {
				fmt.Fprintln(log)
				return nil, err
			}
			fmt.Fprintf(log, " %s %.0f;", c.name, m.Speed)
			runs[i] = append(runs[i], m)
		}
		fmt.Fprintln(log)
	}
	var list []measurement
	for _, r := range runs {
		list = append(list, medians(r))
	}
	return list, nil
}
