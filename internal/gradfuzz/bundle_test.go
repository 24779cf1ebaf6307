package gradfuzz_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gradc/gradc/codegen"
	"github.com/gradc/gradc/compiler"
)

// subject is a network whose emitted tests are run.
type subject struct {
	result *compiler.Result
}

// outcome is what the emitted tests of a network say.
type outcome struct {
	failed bool
	text   string
}

// runTests runs emitted tests of networks, all in one program, on the code path that the environment
// says, and returns what they say in the order of the networks.
func runTests(t *testing.T, tests string, subjects []subject) []outcome {
	t.Helper()
	dir := t.TempDir()
	for i, s := range subjects {
		must(t, writePackage(filepath.Join(dir, packageName(i)), packageName(i), s))
	}
	must(t, writeBundle(dir, len(subjects)))
	build := exec.Command("go", "test", "-c", "-vet=off", "-ldflags=-s -w", "-o", "bundle", ".")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the emitted packages: %v\n%s", err, out)
	}
	run := exec.Command(filepath.Join(dir, "bundle"), "-test.v", "-test.run", "Net/"+tests)
	var out bytes.Buffer
	run.Stdout, run.Stderr = &out, &out
	if err := run.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	return split(out.String(), len(subjects))
}

// split takes the output of all tests apart. A network of which nothing is said has failed: one
// before it has brought the program down.
func split(out string, count int) []outcome {
	outcomes := make([]outcome, count)
	for i := range outcomes {
		begin := fmt.Sprintf("=== RUN   TestNet%d\n", i)
		_, text, _ := strings.Cut(out, begin)
		text, _, _ = strings.Cut(text, fmt.Sprintf("=== RUN   TestNet%d\n", i+1))
		outcomes[i] = outcome{!strings.Contains(text, fmt.Sprintf("--- PASS: TestNet%d ", i)), text}
	}
	return outcomes
}

func packageName(i int) string { return fmt.Sprint("net", i) }

// writePackage writes an emitted package with its tests in it, for others to call.
func writePackage(dir, name string, s subject) error {
	files, err := codegen.Generate(s.result, codegen.Options{Name: name})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, f := range files {
		if f.Name == "net_test.go" {
			f.Name = "tests.go"
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// writeBundle writes the test that calls those of all packages, and its module.
func writeBundle(dir string, count int) error {
	var imports, calls strings.Builder
	for i := range count {
		name := packageName(i)
		fmt.Fprintf(&imports, "\t\"bundle/%s\"\n", name)
		fmt.Fprintf(&calls, "\nfunc TestNet%d(t *testing.T) {\n"+
			"\tt.Run(\"Gradients\", %[2]s.TestGradients)\n"+
			"\tt.Run(\"TaskOrder\", %[2]s.TestTaskOrder)\n}\n", i, name)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		return err
	}
	write := func(name, text string) error {
		return os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666)
	}
	return errors.Join(
		write("bundle_test.go", "package bundle\n\nimport (\n\t\"testing\"\n"+imports.String()+")\n"+
			calls.String()),
		write("go.mod", "module bundle\n\ngo 1.26.0\n"),
		write("go.work", fmt.Sprintf("go 1.26.0\n\nuse (\n\t.\n\t%q\n)\n", root)))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
