// Command peers compares the speed of the examples' trainers with PyTorch on the same machine.
//
// It runs both in turn, so that a machine whose speed drifts treats them alike, and prints for
// each network the median of our images per second, that of PyTorch's best setting, and the ratio.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// settings are the ways in which PyTorch is run; its best counts.
var settings = map[string][]string{
	"contiguous":              {},
	"channels_last":           {"--channels-last"},
	"compiled":                {"--compile"},
	"compiled, channels_last": {"--compile", "--channels-last"},
}

func main() {
	python := flag.String("python", "python3", "a Python that has torch")
	nets := flag.String("nets", "mnist-cnn,cifar-cnn,cifar-net,cifar-resnet", "networks")
	threads := flag.Int("threads", 2, "threads of both")
	steps := flag.Int("steps", 5, "steps per run")
	rounds := flag.Int("rounds", 3, "runs of each")
	compile := flag.Bool("compile", false, "try torch.compile as well, which takes minutes")
	flag.Parse()
	c := comparison{*python, *threads, *steps, *rounds, *compile}
	if err := c.run(strings.Split(*nets, ",")); err != nil {
		fmt.Fprintln(os.Stderr, "peers: "+err.Error())
		os.Exit(2)
	}
}

type comparison struct {
	python                 string
	threads, steps, rounds int
	compile                bool
}

func (c *comparison) run(nets []string) error {
	dir, err := os.MkdirTemp("", "gradc-peers-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Printf(row, "network", "gradc images/s", "PyTorch images/s", "ratio", "setting")
	for _, net := range nets {
		trainer := filepath.Join(dir, net)
		build := exec.Command("go", "build", "-o", trainer, "./generated/"+net)
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %w: %s", net, err, out)
		}
		if err := c.compare(net, trainer); err != nil {
			return err
		}
	}
	return nil
}

// row is a line of the table.
const row = "%-14s %16s %16s %6s  %s\n"

// compare measures one network: ours, then each of PyTorch's settings, several rounds of it.
func (c *comparison) compare(net, trainer string) error {
	var ours []float64
	peers := map[string][]float64{}
	for range c.rounds {
		speed, err := c.speed(trainer, "bench", "-json",
			"-threads", strconv.Itoa(c.threads), "-steps", strconv.Itoa(c.steps))
		if err != nil {
			return err
		}
		ours = append(ours, speed)
		for name, args := range settings {
			if strings.Contains(name, "compiled") && !c.compile {
				continue
			}
			args = append([]string{"internal/peers/torch_train.py", net, "--threads",
				strconv.Itoa(c.threads), "--steps", strconv.Itoa(c.steps)}, args...)
			if speed, err = c.speed(c.python, args...); err != nil {
				return err
			}
			peers[name] = append(peers[name], speed)
		}
	}
	best, setting := 0.0, ""
	for name, speeds := range peers {
		if m := median(speeds); m > best {
			best, setting = m, name
		}
	}
	mine := median(ours)
	fmt.Printf(row, net, fmt.Sprintf("%.0f", mine), fmt.Sprintf("%.0f", best),
		fmt.Sprintf("%.2f", mine/best), setting)
	return nil
}

// speed runs a command and returns images_per_second of the last line it prints.
func (c *comparison) speed(name string, args ...string) (float64, error) {
	cmd := exec.Command(name, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", strings.Join(append([]string{name}, args...), " "), err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	var summary struct {
		Speed float64 `json:"images_per_second"`
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &summary); err != nil {
		return 0, fmt.Errorf("%s: its last line is no JSON: %w", name, err)
	}
	return summary.Speed, nil
}

func median(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}
