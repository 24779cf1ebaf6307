package gradc_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
)

// rooms are the folders that have a file for each operation with a loop of its own, and a table in
// all.go that lists them.
var rooms = []string{"compiler/op", "compiler/target/cpu", "codegen/gosrc", "codegen/goasm"}

// TestKernelFiles names the file and the row that an operation with a loop of its own lacks.
func TestKernelFiles(t *testing.T) {
	for _, fault := range kernelFaults(t, op.All()) {
		t.Error(fault)
	}
}

// kernelFaults says what the kernels of a table lack in the rooms.
func kernelFaults(t *testing.T, table ir.Table) []string {
	t.Helper()
	var faults []string
	for _, room := range rooms {
		list, err := os.ReadFile(filepath.Join(room, "all.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range slices.Sorted(maps.Keys(table)) {
			if table[name].Kind != ir.Kernel {
				continue
			}
			file := room + "/" + name + ".go"
			if _, err := os.Stat(filepath.FromSlash(file)); err != nil {
				faults = append(faults, fmt.Sprintf("kernel %s: %s is missing", name, file))
			}
			// The operations' own table is what table came from.
			row := fmt.Sprintf("%q:", name)
			if room != rooms[0] && !strings.Contains(string(list), row) {
				faults = append(faults, fmt.Sprintf("kernel %s: %s/all.go has no row for it", name, room))
			}
		}
	}
	return faults
}

func TestMissingKernelFilesAreNamed(t *testing.T) {
	table := ir.Table{"conv3d": {Name: "conv3d", Kind: ir.Kernel},
		"tanh": {Name: "tanh", Kind: ir.Map}}
	want := []string{
		"kernel conv3d: compiler/op/conv3d.go is missing",
		"kernel conv3d: compiler/target/cpu/conv3d.go is missing",
		"kernel conv3d: compiler/target/cpu/all.go has no row for it",
		"kernel conv3d: codegen/gosrc/conv3d.go is missing",
		"kernel conv3d: codegen/gosrc/all.go has no row for it",
		"kernel conv3d: codegen/goasm/conv3d.go is missing",
		"kernel conv3d: codegen/goasm/all.go has no row for it",
	}
	if diff := cmp.Diff(want, kernelFaults(t, table)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
