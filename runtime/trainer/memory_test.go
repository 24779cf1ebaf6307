package trainer

import (
	"bytes"
	"context"
	"runtime"
	"strings"
	"testing"

	"github.com/gradc/gradc/runtime/parallel"
)

func TestMemoryCheck(t *testing.T) {
	const mib = 1 << 20
	tests := []struct {
		reason    string
		needs     memory
		threads   int
		available int64 // negative: unknown
		says      string
	}{
		{"enough", memory{10 * mib, 2 * mib, 3 * mib}, 4, 21 * mib, ""},
		{"nobody knows", memory{10 * mib, 2 * mib, 3 * mib}, 4, -1, ""},
		{"too little", memory{10 * mib, 0, 0}, 1, 9 * mib, "too little memory: the network's plan " +
			"takes 10.0 MiB, 9.0 MiB are available; free some, or generate with a smaller batch"},
		{"too little for so many threads", memory{10 * mib, 2 * mib, 0}, 4, 17 * mib,
			"the network's plan takes 18.0 MiB, 17.0 MiB are available"},
		{"too little for so many workers", memory{10 * mib, 2 * mib, 3 * mib}, 4, 20 * mib,
			"takes 18.0 MiB and batches in preparation 3.0 MiB, 20.0 MiB are available"},
	}
	for _, test := range tests {
		err := test.needs.check(test.threads, func() (int64, bool) {
			return test.available, test.available >= 0
		})
		if test.says == "" && err != nil || test.says != "" &&
			(err == nil || !strings.Contains(err.Error(), test.says)) {
			t.Errorf("%s: error %v, want %q", test.reason, err, test.says)
		}
	}
}

func TestTooLittleMemory(t *testing.T) {
	if bytes, known := availableMemory(); !known && runtime.GOOS == "linux" || known && bytes < 1 {
		t.Fatalf("%d bytes are available: %t", bytes, known)
	}
	dataDir, dir := writeTiny(t), t.TempDir()
	sha(t, "-data-dir", dataDir, "-run-dir", dir)
	spec := tinySpec()
	spec.PlanBytes = 1 << 55
	build := func(seed uint64, pool *parallel.Pool) Network {
		if seed == 9 {
			t.Error("the network is built all the same")
		}
		return softmaxBuild(spec, hooks{})(seed, pool)
	}
	run := func(args ...string) result {
		var out, errOut bytes.Buffer
		code := Run(context.Background(), spec, build, args, &out, &errOut)
		return result{code, out.String(), errOut.String()}
	}
	plan := "the network's plan takes 34359738368.0 MiB"
	run("train", "-seed", "9", "-data-dir", dataDir, "-run-dir", dir).fails(t, 2, plan)
	spec.Recipe.Seed = 9
	run("bench").fails(t, 2, plan)
	spec.Recipe.Seed = 1
	eval := []string{"eval", "-data-dir", dataDir, "-weights", runDir(dir).best()}
	run(eval...).done(t) // takes less
	spec.Recipe.Seed, spec.InferBytes = 9, 1<<55
	run(eval...).fails(t, 2, plan)
	run("export", "-weights", runDir(dir).best(), "-o", dir+"/out").fails(t, 2, plan)
}

func TestUnusableCPU(t *testing.T) {
	t.Setenv("GRADC_CPU", "foo")
	dataDir := writeTiny(t)
	for _, args := range [][]string{
		{"train", "-data-dir", dataDir, "-run-dir", t.TempDir()},
		{"eval", "-data-dir", dataDir}, {"bench"}, {"export"}, {"predict", "picture.png"},
	} {
		runTiny(args...).fails(t, 2, "GRADC_CPU=foo: choose one of avx512, avx2, go")
	}
}
