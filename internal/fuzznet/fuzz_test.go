package fuzznet

import (
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"github.com/gradc/gradc/compiler/op"

	_ "github.com/gradc/gradc/internal/fuzznet/subject" // what programs consist of, for go test to see
)

const (
	testSeed     = 1
	testNetworks = 60 // as many as fit go test's ten minutes on a slow machine

	// fullTest is how many networks have every kind of operation, step and recipe among them.
	fullTest = 300
)

// TestNetworks compares networks with the interpreter, as many as the variable FUZZ_NETWORKS of the
// environment says. The command in folder fuzz compares as many others as one likes.
func TestNetworks(t *testing.T) {
	count := testNetworks
	if text := os.Getenv("FUZZ_NETWORKS"); text != "" {
		n, err := strconv.Atoi(text)
		must(t, err)
		count = n
	}
	list := drawn(count)
	run := runner(t)
	failures, tally, err := run.Networks(list)
	must(t, err)
	report(t, failures)
	t.Log(tally)
	if tally.Networks != count {
		t.Errorf("%d networks were compared", tally.Networks)
	}
	if tally.Loose*100 > tally.Tensors || tally.NotFinite*100 > 3*count {
		t.Error("too much of that says little")
	}
	if count >= fullTest {
		varied(t, tally.Kinds)
	}
}

// TestKept compares the networks that were found to fail once.
func TestKept(t *testing.T) {
	list, err := Kept("testdata/networks")
	must(t, err)
	run := runner(t)
	failures, tally, err := run.Networks(list)
	must(t, err)
	report(t, failures)
	if tally.Networks == 0 {
		t.Error("none was compared")
	}
}

func drawn(count int) []*Network {
	var list []*Network
	for _, seed := range Seeds(testSeed, count) {
		list = append(list, Draw(seed))
	}
	return list
}

func runner(t *testing.T) Run {
	t.Helper()
	root, err := FindRoot()
	must(t, err)
	return Run{Tools: Tools{Root: root, Jobs: 1}, Workers: runtime.GOMAXPROCS(0), Batch: 25}
}

func report(t *testing.T, failures []Failure) {
	t.Helper()
	for _, f := range failures {
		t.Errorf("%s: %s\n%s", f.Where, f.Text, f.Network)
	}
}

// varied wants every kind of operation, step and recipe.
func varied(t *testing.T, kinds map[string]int) {
	t.Helper()
	want := []string{"sgd", "adam", "adamw", "schedule constant", "schedule step", "schedule cosine",
		"schedule one_cycle", "matmul in parts", "matmul in columns", "matmul in rows",
		"sum in pieces", "mean in pieces", "var in pieces", "kernel with loop"}
	for name, o := range op.All() {
		general := []string{"map", "reduce", "reshape", "block", "scalar", "state"}
		if !slices.Contains(general, name) {
			want = append(want, o.Name)
		}
	}
	for _, kind := range want {
		if kinds[kind] < 3 {
			t.Errorf("%d of %s, want at least 3", kinds[kind], kind)
		}
	}
}
