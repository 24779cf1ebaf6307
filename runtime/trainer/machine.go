package trainer

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gradc/gradc/runtime/cpu"
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

// maxThreads is more than any machine has use for.
const maxThreads = 1024

// open starts the threads. Before that it makes sure that the machine has what the command needs:
// the instructions that GRADC_CPU asks for, and memory. The device's proper name replaces "auto".
func (m *machineFlags) open(needs memory) (*parallel.Pool, error) {
	switch {
	case m.device == "auto" || m.device == "cpu":
		m.device = "cpu"
	case strings.HasPrefix(m.device, "cuda"):
		return nil, fmt.Errorf(
			"-device %s: this trainer was generated without CUDA; use -device cpu", m.device)
	default:
		return nil, fmt.Errorf("-device %q is unknown; use auto or cpu", m.device)
	}
	if m.threads < 0 || m.threads > maxThreads {
		return nil, fmt.Errorf("-threads %d: use 1 to %d, or 0 for all processors", m.threads,
			maxThreads)
	}
	if _, err := cpu.Best(); err != nil {
		return nil, err
	}
	threads := m.threads
	if threads == 0 {
		threads = min(runtime.GOMAXPROCS(0), maxThreads)
	}
	if err := needs.check(threads, availableMemory); err != nil {
		return nil, err
	}
	return parallel.NewPool(threads), nil
}
