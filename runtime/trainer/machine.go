package trainer

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gradc/gradc/runtime/parallel"
)

// machineFlags choose what a command computes on.
type machineFlags struct {
	threads int
	device  string
}

func (m *machineFlags) register(c *cobra.Command) {
	c.Flags().IntVar(&m.threads, "threads", 0,
		"`N` threads compute; 0 for all processors; results do not depend on it")
	c.Flags().StringVar(&m.device, "device", "auto", "`NAME` of the device: auto or cpu")
}

// open starts the threads. The device's proper name replaces "auto".
func (m *machineFlags) open() (*parallel.Pool, error) {
	switch {
	case m.device == "auto" || m.device == "cpu":
		m.device = "cpu"
	case strings.HasPrefix(m.device, "cuda"):
		return nil, fmt.Errorf(
			"-device %s: this trainer was generated without CUDA; use -device cpu", m.device)
	default:
		return nil, fmt.Errorf("-device %q is unknown; use auto or cpu", m.device)
	}
	if m.threads < 0 {
		return nil, fmt.Errorf("-threads %d is negative; use 0 for all processors", m.threads)
	}
	return parallel.NewPool(m.threads), nil
}
