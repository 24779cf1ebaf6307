package gradc_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/cpu"

	"github.com/gradc/gradc/codegen"
	"github.com/gradc/gradc/compiler"
	"github.com/gradc/gradc/compiler/plan"
	cputarget "github.com/gradc/gradc/compiler/target/cpu"
	"github.com/gradc/gradc/dsl"
)

// TestThreads trains a network that has one of each kind of step whose result could depend on how
// many threads there are. On each path of the processor, 1, 2, 3 and 7 threads give the same
// weights.
func TestThreads(t *testing.T) {
	trainer, data := buildVaried(t), noise(t)
	x := &cpu.X86
	avx512 := x.HasAVX512F && x.HasAVX512VL && x.HasAVX512DQ && x.HasAVX512BW
	for level, has := range map[string]bool{"go": true, "avx2": x.HasAVX2 && x.HasFMA,
		"avx512": avx512 && x.HasFMA} {
		if !has {
			t.Logf("this processor has no %s", level)
			continue
		}
		t.Run(level, func(t *testing.T) {
			t.Setenv("GRADC_CPU", level)
			var want string
			for _, threads := range []int{1, 2, 3, 7} {
				got := train(t, trainer, t.TempDir(), threads, "-data-dir", data,
					"-max-steps", "5", "-threads", fmt.Sprint(threads))
				if want == "" {
					want = got
				}
				if got != want {
					t.Errorf("%d threads: weights %s, with one %s", threads, got, want)
				}
			}
		})
	}
}

// varied has convolutions in both ways, batch norm of images and of rows, dropout, and a product
// whose inner axis is cut.
func varied() *dsl.Model {
	layers := dsl.Sequential(
		dsl.Conv2D(32, 3, dsl.NoBias()), dsl.BatchNorm(), dsl.ReLU(), dsl.MaxPool(2),
		dsl.Conv2D(32, 3, dsl.NoBias()), dsl.BatchNorm(), dsl.LeakyReLU(0.1), dsl.Dropout(0.2),
		dsl.Conv2D(40, 3), dsl.ReLU(), dsl.Flatten(),
		dsl.Linear(48), dsl.BatchNorm(), dsl.ReLU(), dsl.Dropout(0.3), dsl.Linear(10))
	return dsl.New("varied", dsl.Image(1, 28, 28), layers, dsl.Recipe{
		Data:      "npy",
		Augment:   []dsl.Augmentation{dsl.RandomCrop(2)},
		Loss:      dsl.CrossEntropy(),
		Optimizer: dsl.AdamW(1e-3, dsl.WeightDecay(0.01)),
		Batch:     24,
		Epochs:    9,
		Seed:      3,
	})
}

// buildVaried compiles the trainer of the network in a workspace with this module.
func buildVaried(t *testing.T) string {
	t.Helper()
	g, err := varied().Graph()
	must(t, err)
	r, err := compiler.Compile(g, cputarget.New())
	must(t, err)
	checkVaried(t, r.Plan)
	files, err := codegen.Generate(r, codegen.Options{})
	must(t, err)
	root, err := filepath.Abs(".")
	must(t, err)
	files = append(files, codegen.File{Name: "go.mod", Data: []byte("module varied\n\ngo 1.26.0\n")},
		codegen.File{Name: "go.work", Data: fmt.Appendf(nil, "go 1.26.0\n\nuse (\n\t.\n\t%q\n)\n", root)})
	dir := t.TempDir()
	for _, f := range files {
		must(t, os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o666))
	}
	build := exec.Command("go", "build", "-o", "trainer", ".")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return filepath.Join(dir, "trainer")
}

// checkVaried wants the kinds of steps that the network is there for.
func checkVaried(t *testing.T, p *plan.Program) {
	t.Helper()
	seen := map[string]bool{}
	for _, s := range p.Train {
		if s.Kernel != nil {
			seen[s.Kernel.Op.Name] = true
			seen[s.Kernel.Op.Name+" in parts"] = seen[s.Kernel.Op.Name+" in parts"] || s.Split > 1
		}
		seen["folds in pieces"] = seen["folds in pieces"] || s.Partial != nil
	}
	for _, kind := range []string{"conv2d", "conv2d_dx", "conv2d_dw", "winograd", "winograd_dw",
		"matmul in parts", "folds in pieces"} {
		if !seen[kind] {
			t.Errorf("the network has no %s: %v", kind, seen)
		}
	}
}

// noise writes a set of random images and returns its folder.
func noise(t *testing.T) string {
	t.Helper()
	const images = 60
	r := rand.New(rand.NewPCG(1, 2))
	pixels, labels := make([]byte, images*28*28), make([]byte, images)
	for i := range pixels {
		pixels[i] = byte(r.Uint32())
	}
	for i := range labels {
		labels[i] = byte(i % 10)
	}
	dir := t.TempDir()
	for _, split := range []string{"train", "test"} {
		writeNPY(t, filepath.Join(dir, split+"_images.npy"), "60, 28, 28", pixels)
		writeNPY(t, filepath.Join(dir, split+"_labels.npy"), "60,", labels)
	}
	return dir
}

// writeNPY writes bytes as numpy.save does.
func writeNPY(t *testing.T, path, shape string, data []byte) {
	t.Helper()
	header := fmt.Sprintf("{'descr': '|u1', 'fortran_order': False, 'shape': (%s), }", shape)
	header += strings.Repeat(" ", 117-len(header)) + "\n"
	head := []byte("\x93NUMPY\x01\x00" + string([]byte{byte(len(header)), 0}) + header)
	must(t, os.WriteFile(path, slices.Concat(head, data), 0o666))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
