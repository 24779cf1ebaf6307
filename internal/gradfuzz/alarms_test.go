package gradfuzz_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/gradc/gradc/compiler"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/target/cpu"
	"github.com/gradc/gradc/internal/fuzznet"
)

// together is how many networks are tested by one program.
const together = 10

// TestNoFalseAlarms runs the emitted tests of random networks, whose gradients are right. The
// variables NETWORKS and SEED of the environment say how many, and the first one's seed.
func TestNoFalseAlarms(t *testing.T) {
	count, first := number(t, "NETWORKS", 20), number(t, "SEED", 1)
	t.Logf("%d networks from seed %d", count, first)
	notes := map[string]int{"undecided": 0, "below rounding": 0, "segments were followed": 0}
	alarms := 0
	for begin := first; begin < first+count; begin += together {
		t.Logf("at seed %d, %d alarms so far", begin, alarms)
		var subjects []subject
		for seed := begin; seed < min(begin+together, first+count); seed++ {
			subjects = append(subjects, subject{result: compile(t, seed, op.All())})
		}
		for i, o := range runTests(t, "", subjects) {
			if o.failed {
				alarms++
				t.Errorf("seed %d\n%s\n%s", begin+i, o.text, ir.Format(subjects[i].result.Model))
			}
			for note := range notes {
				notes[note] += strings.Count(o.text, note)
			}
		}
	}
	t.Logf("%d false alarms, notes of the tests: %v", alarms, notes)
}

func number(t *testing.T, name string, otherwise int) int {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	must(t, err)
	return n
}

// compile compiles the random network of a seed by the rules of a table of operations.
func compile(t *testing.T, seed int, ops ir.Table) *compiler.Result {
	t.Helper()
	g, err := fuzznet.Draw(uint64(seed)).Graph()
	must(t, err)
	g, err = ir.Parse(ir.Format(g), ops)
	must(t, err)
	r, err := compiler.Compile(g, cpu.New())
	must(t, err)
	return r
}
