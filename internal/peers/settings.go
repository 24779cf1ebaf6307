package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// near is how much of the best setting's speed another one must have to be repeated: a single run
// may be off by some percent.
const near = 0.9

// trial is one run of PyTorch in a setting. Speeds are compared by what the trainer did just
// before, as the machine's speed may drift.
type trial struct {
	Setting string `json:"setting"`
	measurement
	Relative float64 `json:"over_gradc"`      // speed
	Error    string  `json:"error,omitempty"` // why the setting does not work

	command command
}

// settings are the ways in which PyTorch is run.
func (o *options) settings(net string) []command {
	var list []command
	for _, compile := range []bool{false, true} {
		for _, last := range []bool{false, true} {
			if compile && !o.compile {
				continue
			}
			c := command{name: "contiguous", args: []string{o.python,
				"internal/peers/torch_train.py", net,
				"--threads", strconv.Itoa(o.threads), "--steps", strconv.Itoa(o.steps)}}
			if last {
				c.name, c.args = "channels_last", append(c.args, "--channels-last")
			}
			if compile {
				c.name, c.args = "compiled "+c.name, append(c.args, "--compile")
			}
			list = append(list, c)
		}
	}
	return list
}

// try runs each setting once, behind a run of ours, and tells how fast it was.
func (o *options) try(ours command, settings []command) ([]trial, error) {
	var list []trial
	for _, c := range settings {
		beside, err := ours.run()
		if err != nil {
			return nil, err
		}
		t := trial{Setting: c.name, command: c}
		if t.measurement, err = c.run(); err != nil {
			t.Error = err.Error()
			fmt.Fprintln(o.log, "  fails: PyTorch", err)
		} else {
			t.Relative = t.Speed / beside.Speed
			fmt.Fprintf(o.log, "  tried: PyTorch %s: %.0f images/s beside our %.0f, %.0f MiB\n",
				c.name, t.Speed, beside.Speed, mebibytes(t.Peak))
		}
		list = append(list, t)
	}
	return list, nil
}

// worthy returns the commands of the settings that come near the best, the best first.
func worthy(tried []trial) ([]command, error) {
	tried = slices.SortedStableFunc(slices.Values(tried), func(a, b trial) int {
		return cmp.Compare(b.Relative, a.Relative)
	})
	var list []command
	var problems []string
	for _, t := range tried {
		if t.Error != "" {
			problems = append(problems, t.Error)
		} else if t.Relative >= near*tried[0].Relative {
			list = append(list, t.command)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no setting of PyTorch works: %s", strings.Join(problems, "; "))
	}
	return list, nil
}
