package trainer

import (
	"bytes"
	"errors"
	"testing"
)

// fullDisk is a standard output that has no room for the lines of epochs.
type fullDisk struct{}

func (fullDisk) Write(line []byte) (int, error) {
	if bytes.HasPrefix(line, []byte("epoch ")) {
		return 0, errors.New("no space left on device")
	}
	return len(line), nil
}

// Where standard output fails, that is an error, but what was trained is saved.
func TestFullStandardOutput(t *testing.T) {
	dataDir, dir := writeTiny(t), t.TempDir()
	spec := tinySpec()
	var errOut bytes.Buffer
	code := Run(t.Context(), spec, softmaxBuild(spec, hooks{}),
		[]string{"train", "-data-dir", dataDir, "-run-dir", dir, "-epochs", "2"}, fullDisk{}, &errOut)
	result{code, "", errOut.String()}.fails(t, 2, "no space left on device", "last.safetensors")
	saved, err := openTraining(runDir(dir).last(), spec)
	if err != nil {
		t.Fatal(err)
	}
	if saved.state.Epoch != 1 {
		t.Errorf("saved behind epoch %d", saved.state.Epoch)
	}
}
