package fuzznet

import "testing"

// TestFaultsFit wants each fault that is put in on purpose to fit the code as it is.
func TestFaultsFit(t *testing.T) {
	root, err := FindRoot()
	must(t, err)
	faults, err := ReadFaults("testdata/faults")
	must(t, err)
	if len(faults) < 11 {
		t.Errorf("there are %d faults", len(faults))
	}
	for i := range faults {
		if _, err := faults[i].Overlay(root, t.TempDir()); err != nil {
			t.Error(err)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
