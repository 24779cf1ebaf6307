package gradfuzz_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/gradc/gradc/compiler"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/internal/fuzznet"
)

// together is how many networks are tested by one program.
const together = 25

// TestNoFalseAlarms runs the emitted tests of random networks, whose gradients are right. The
// variables NETWORKS and SEED of the environment say how many, and the first one's seed.
func TestNoFalseAlarms(t *testing.T) {
	count, first := number(t, "NETWORKS", 100), number(t, "SEED", 1)
	t.Logf("%d networks from seed %d", count, first)
	for begin := first; begin < first+count; begin += together {
		var subjects []subject
		for seed := begin; seed < min(begin+together, first+count); seed++ {
			subjects = append(subjects, compile(t, seed))
		}
		for i, o := range runTests(t, "", subjects) {
			if o.failed {
				t.Errorf("seed %d\n%s\n%s", begin+i, o.text, ir.Format(subjects[i].result.Model))
			}
			t.Logf("seed %d: %d undecided, %d below rounding, %d not checked", begin+i, strings.Count(o.text, "undecided"), strings.Count(o.text, "below rounding"), strings.Count(o.text, "not checked"))
			t.Log(o.text)
		}
	}
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

func compile(t *testing.T, seed int) subject {
	g, err := fuzznet.Draw(uint64(seed)).Graph()
	must(t, err)
	r, err := compiler.Compile(g, ir.CPU)
	must(t, err)
	return subject{result: r}
}
