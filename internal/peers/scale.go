package main

import (
	"fmt"

	"golang.org/x/sys/cpu"
)

// scaling is how a trainer's speed depends on threads and instructions, in images a second.
type scaling struct {
	Net      string  `json:"net"`
	Threads  int     `json:"threads"`
	One      float64 `json:"one_thread"`
	All      float64 `json:"all_threads"`
	Speedup  float64 `json:"speedup"`        // of all threads over one
	AVX2     float64 `json:"avx2,omitempty"` // with all threads, where the others have AVX-512
	Narrower float64 `json:"avx2_over_avx512,omitempty"`
	Rounds   int     `json:"rounds"`
}

// scale runs a trainer on one thread, on all, and on all without AVX-512.
func (o *options) scale(net, trainer string) (result, error) {
	x := &cpu.X86
	wide := x.HasAVX512F && x.HasAVX512VL && x.HasAVX512DQ && x.HasAVX512BW && x.HasFMA
	var best []string
	if wide {
		best = []string{"GRADC_CPU=avx512"}
	}
	commands := []command{o.ours("1 thread", trainer, 1, best...),
		o.ours(o.allThreads(), trainer, o.threads, best...)}
	if wide {
		commands = append(commands, o.ours("AVX2", trainer, o.threads, "GRADC_CPU=avx2"))
	} else {
		fmt.Fprintln(o.log, "  this processor has no AVX-512 to compare AVX2 with")
	}
	list, err := interleave(o.log, o.rounds, commands)
	if err != nil {
		return nil, err
	}
	s := &scaling{Net: net, Threads: o.threads, Rounds: o.rounds, One: list[0].Speed,
		All: list[1].Speed}
	s.Speedup = s.All / s.One
	if wide {
		s.AVX2 = list[2].Speed
		s.Narrower = s.AVX2 / s.All
	}
	return s, nil
}

func (o *options) allThreads() string {
	if o.threads == 1 {
		return "1 thread again"
	}
	return fmt.Sprintf("%d threads", o.threads)
}

func (o *options) scalingHead() []string {
	return []string{"network", "1 thread", o.allThreads(), "ratio", "AVX2", "AVX2/AVX-512"}
}

func (s *scaling) row() []string {
	row := []string{s.Net, fmt.Sprintf("%.0f", s.One), fmt.Sprintf("%.0f", s.All),
		fmt.Sprintf("%.2f", s.Speedup), "–", "–"}
	if s.AVX2 > 0 {
		row[4], row[5] = fmt.Sprintf("%.0f", s.AVX2), fmt.Sprintf("%.2f", s.Narrower)
	}
	return row
}
