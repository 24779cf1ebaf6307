package main

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMain lets the test be the program that it measures: it prints what it is asked to.
func TestMain(m *testing.M) {
	if problem, ok := os.LookupEnv("PROBLEM"); ok {
		os.Stderr.WriteString(problem)
		os.Exit(1)
	}
	if out, ok := os.LookupEnv("PRINT"); ok {
		os.Stdout.WriteString(out)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestRun(t *testing.T) {
	tests := []struct {
		reason, env, problem string
		want                 measurement
	}{
		{"the last line counts, others do not",
			"PRINT=a warning\n" + `{"event":"x","batch":4,"images_per_second":2.5,` +
				`"peak_rss_bytes":70,"plan_bytes":60}` + "\n", "",
			measurement{Batch: 4, Speed: 2.5, Peak: 70, Plan: 60}},
		{"no JSON", "PRINT=done", "eager: its last line is no JSON", measurement{}},
		{"other JSON", "PRINT={}", "eager: its last line has no images_per_second", measurement{}},
		{"the last line says what is wrong", "PROBLEM=Traceback\nNo C++ compiler\n",
			"eager: exit status 1: No C++ compiler", measurement{}},
	}
	for _, test := range tests {
		t.Run(test.reason, func(t *testing.T) {
			got, err := command{name: "eager", args: os.Args[:1], env: []string{test.env}}.run()
			if err == nil && test.problem != "" {
				t.Error("no error")
			}
			if err != nil && (test.problem == "" || !strings.HasPrefix(err.Error(), test.problem)) {
				t.Errorf("error %q, want %q", err, test.problem)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestInterleave runs two commands in turn.
func TestInterleave(t *testing.T) {
	var log strings.Builder
	say := func(name, speed string) command {
		return command{name: name, args: os.Args[:1],
			env: []string{`PRINT={"images_per_second":` + speed + `}`}}
	}
	got, err := interleave(&log, 2, []command{say("a", "3"), say("b", "4")})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]measurement{{Speed: 3}, {Speed: 4}}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	want := "  round 1, images/s: a 3; b 4;\n  round 2, images/s: a 3; b 4;\n"
	if diff := cmp.Diff(want, log.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
