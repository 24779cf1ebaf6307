// Command peers compares the speed and the memory of the examples' trainers with PyTorch's on the
// same machine; with -scaling, it compares a trainer's speed with that on one thread and on AVX2.
//
// What is compared runs in turn, so that a machine whose speed drifts treats all alike. Ratios are
// of medians. PyTorch's best setting counts: each is tried once, and what comes near the best is
// repeated.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// options are what the user asks for.
type options struct {
	python                 string
	threads, steps, rounds int
	compile, scaling, json bool

	log io.Writer // what is being done
}

func main() {
	var o options
	nets := flag.String("nets", "mnist-cnn,cifar-cnn,cifar-net,cifar-resnet", "networks")
	flag.StringVar(&o.python, "python", "python3", "a Python that has torch")
	flag.IntVar(&o.threads, "threads", 2, "threads of both")
	flag.IntVar(&o.steps, "steps", 5, "steps per run")
	flag.IntVar(&o.rounds, "rounds", 3, "runs of each")
	flag.BoolVar(&o.compile, "compile", true, "try torch.compile, which takes a minute per network")
	flag.BoolVar(&o.scaling, "scaling", false,
		"compare threads and instruction sets instead, without PyTorch")
	flag.BoolVar(&o.json, "json", false, "print a JSON line per network instead of a table")
	flag.Parse()
	if err := o.run(strings.Split(*nets, ",")); err != nil {
		fmt.Fprintln(os.Stderr, "peers: "+err.Error())
		os.Exit(2)
	}
}

// result is what was found out about a network.
type result interface {
	row() []string // of the table
}

func (o *options) run(nets []string) error {
	if min(o.threads, o.steps, o.rounds) < 1 {
		return fmt.Errorf("-threads, -steps and -rounds must be at least 1")
	}
	dir, err := os.MkdirTemp("", "gradc-peers-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	o.log = os.Stdout
	if o.json {
		o.log = os.Stderr
	}
	measure, rows := o.compare, [][]string{comparisonHead()}
	if o.scaling {
		measure, rows = o.scale, [][]string{o.scalingHead()}
	}
	for _, net := range nets {
		trainer, err := build(dir, net)
		if err != nil {
			return err
		}
		fmt.Fprintln(o.log, net)
		r, err := measure(net, trainer)
		if err != nil {
			return fmt.Errorf("%s: %w", net, err)
		}
		if o.json {
			if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
				return err
			}
		}
		rows = append(rows, r.row())
	}
	if !o.json {
		fmt.Print("\n" + table(rows))
	}
	return nil
}

// build compiles a network's trainer.
func build(dir, net string) (trainer string, err error) {
	trainer = filepath.Join(dir, net)
	out, err := exec.Command("go", "build", "-o", trainer, "./generated/"+net).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building %s: %w: %s", net, err, out)
	}
	return trainer, nil
}

// ours is a run of a trainer's bench.
func (o *options) ours(name, trainer string, threads int, env ...string) command {
	return command{name: name, env: env, args: []string{trainer, "bench", "-json",
		"-threads", strconv.Itoa(threads), "-steps", strconv.Itoa(o.steps)}}
}
